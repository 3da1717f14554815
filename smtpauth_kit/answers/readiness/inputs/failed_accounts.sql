-- Question: how often did each account fail to sign in?
-- Grain:    one row per tenant and account; of the source that tells of most: two sources tell of the
--           same attempts
select tenant, account_key, max(failure_count) as failure_count
from (
    select tenant, account_key, source, count(*) as failure_count
    from sign_ins
    where result = 'failure'
    group by tenant, account_key, source
) as by_source
group by tenant, account_key
