-- Question: how often did each account sign in for SMTP, and how often did it fail to?
-- Grain:    one row per account, most attempts first
with counted as (/* counted_sign_ins */)
select max(account) as account,
    sum(case when result = 'success' then 1 else 0 end)::bigint as success_count,
    sum(case when result = 'failure' then 1 else 0 end)::bigint as failure_count,
    count(*) as attempt_count, min(signed_in_at) as first_seen, max(signed_in_at) as last_seen,
    list_sort(list(distinct country) filter (where country <> '')) as countries,
    count(distinct case when client_ip <> '' then client_ip end) as client_ip_count
from counted
group by account_key
order by attempt_count desc, account
