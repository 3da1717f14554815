-- Question: how often did each account fail to sign in, from each address on each day?
-- Grain:    one row per tenant, account, day and client address with a failure; one that a policy
--           caused (refused_count) is no guess at a password
with told as (
    select a.tenant, a.account_key, a.client_ip, a.attempt_count, a.first_at, a.last_at,
        cast(date_diff('day', date '1970-01-01', a.period_start) as int) as day_number,
        e.error_code is not null as is_refused
    from attempt_days_asked a
    left join refused_codes e on e.error_code = a.error_code
    where a.client_ip <> '' and a.account_key <> '' and a.result = 'failure'
), counted as (
    select tenant, account_key, day_number, client_ip,
        cast(sum(case when is_refused then 0 else attempt_count end) as bigint) as failure_count,
        cast(sum(case when is_refused then attempt_count else 0 end) as bigint) as refused_count,
        min(case when not is_refused then first_at end) as first_failed_at,
        max(case when not is_refused then last_at end) as last_failed_at
    from told
    group by tenant, account_key, day_number, client_ip
)
select c.tenant, c.account_key, c.day_number, c.client_ip, n.network, c.failure_count,
    c.refused_count, c.first_failed_at, c.last_failed_at
from counted c
join networks n on n.client_ip = c.client_ip
