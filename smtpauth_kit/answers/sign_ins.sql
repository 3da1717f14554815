-- Question: how often did each account sign in for SMTP, and how often did it fail to?
-- Grain:    one row per account, most attempts first
-- Reads:    counted_sign_ins
select max(account) as account,
    cast(sum(case when result = 'success' then 1 else 0 end) as bigint) as success_count,
    cast(sum(case when result = 'failure' then 1 else 0 end) as bigint) as failure_count,
    count(*) as attempt_count, min(signed_in_at) as first_seen, max(signed_in_at) as last_seen,
    array_sort(array_agg(distinct country) filter (where country <> '')) as countries,
    count(distinct case when client_ip <> '' then client_ip end) as client_ip_count
from counted_sign_ins
group by account_key
order by attempt_count desc, account
