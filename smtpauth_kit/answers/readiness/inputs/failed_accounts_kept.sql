-- Question: how often did each account fail to sign in?
-- Grain:    as of failed_accounts, from what a store keeps of each sixty days
select tenant, account_key, max(failure_count) as failure_count
from (
    select tenant, account_key, source, cast(sum(attempt_count) as bigint) as failure_count
    from span_by_attempt
    where result = 'failure'
    group by tenant, account_key, source
) as by_source
group by tenant, account_key
