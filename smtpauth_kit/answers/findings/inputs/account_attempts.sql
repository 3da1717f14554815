-- Question: how did each account sign in, or fail to, from each address on each day?
-- Grain:    one row per tenant, account, day and client address; a failure that a policy caused
--           (refused_count) is no guess at a password
with refusals as (
    -- Of the few codes that there are, once: they are texts in what is known.
    select c.error_code
    from (select distinct error_code from seen_sign_ins) c
    join known_sign_in_errors e on e.code = c.error_code and e.kind = 'policy'
), counted as (
    select s.tenant, s.account_key, s.day_number, s.client_ip,
        count(case when s.result = 'success' then 1 end) as success_count,
        count(case when s.result = 'failure' and e.error_code is null then 1 end)
            as failure_count,
        count(case when s.result = 'failure' and e.error_code is not null then 1 end)
            as refused_count,
        min(case when s.result = 'success' then s.signed_in_at end) as first_at,
        max(case when s.result = 'success' then s.signed_in_at end) as last_at,
        min(case when s.result = 'failure' and e.error_code is null then s.signed_in_at end)
            as first_failed_at,
        max(case when s.result = 'failure' and e.error_code is null then s.signed_in_at end)
            as last_failed_at
    from seen_sign_ins s
    left join refusals e on e.error_code = s.error_code
    where s.client_ip <> ''
    group by s.tenant, s.account_key, s.day_number, s.client_ip
)
select c.tenant, c.account_key, c.day_number, c.client_ip, n.network, c.success_count,
    c.failure_count, c.refused_count, c.first_at, c.last_at, c.first_failed_at, c.last_failed_at
from counted c
join networks n on n.client_ip = c.client_ip
