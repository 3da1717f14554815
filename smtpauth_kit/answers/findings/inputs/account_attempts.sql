-- Question: how did each account sign in, or fail to, from each address on each day?
-- Grain:    one row per tenant, account, day and client address; a failure that a policy caused
--           (refused_count) is no guess at a password
with told as (
    select a.tenant, a.account_key, a.client_ip, a.attempt_count, a.first_at, a.last_at,
        cast(date_diff('day', date '1970-01-01', a.period_start) as int) as day_number,
        case when a.result = 'success' then 'success'
            when a.result = 'failure' and e.error_code is null then 'failure'
            when a.result = 'failure' then 'refused' end as ended
    from attempt_days_asked a
    left join refused_codes e on e.error_code = a.error_code
    where a.client_ip <> '' and a.account_key <> ''
), counted as (
    select tenant, account_key, day_number, client_ip,
        cast(sum(case when ended = 'success' then attempt_count else 0 end) as bigint)
            as success_count,
        cast(sum(case when ended = 'failure' then attempt_count else 0 end) as bigint)
            as failure_count,
        cast(sum(case when ended = 'refused' then attempt_count else 0 end) as bigint)
            as refused_count,
        min(case when ended = 'success' then first_at end) as first_at,
        max(case when ended = 'success' then last_at end) as last_at,
        min(case when ended = 'failure' then first_at end) as first_failed_at,
        max(case when ended = 'failure' then last_at end) as last_failed_at
    from told
    group by tenant, account_key, day_number, client_ip
)
select c.tenant, c.account_key, c.day_number, c.client_ip, n.network, c.success_count,
    c.failure_count, c.refused_count, c.first_at, c.last_at, c.first_failed_at, c.last_failed_at
from counted c
join networks n on n.client_ip = c.client_ip
