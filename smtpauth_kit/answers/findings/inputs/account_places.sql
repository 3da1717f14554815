-- Question: from where was each account used, and from where did it fail, on each day?
-- Grain:    one row per tenant, account, day and client address. Use is a message or a successful
--           sign-in; a failure that a policy caused (refused_count) is no guess at a password
with uses as (
    select tenant, account_key, day_number, client_ip, network, 0 as success_count,
        message_count, 0 as failure_count, 0 as refused_count, first_sent_at as first_at,
        last_sent_at as last_at, cast(null as timestamp) as first_failed_at,
        cast(null as timestamp) as last_failed_at
    from message_places
    where client_ip <> '' and first_sent_at is not null
    union all
    select s.tenant, s.account_key, s.day_number, s.client_ip, min(s.network) as network,
        count(case when s.result = 'success' then 1 end) as success_count, 0 as message_count,
        count(case when s.result = 'failure' and e.code is null then 1 end) as failure_count,
        count(case when s.result = 'failure' and e.code is not null then 1 end) as refused_count,
        min(case when s.result = 'success' then s.signed_in_at end) as first_at,
        max(case when s.result = 'success' then s.signed_in_at end) as last_at,
        min(case when s.result = 'failure' and e.code is null then s.signed_in_at end)
            as first_failed_at,
        max(case when s.result = 'failure' and e.code is null then s.signed_in_at end)
            as last_failed_at
    from seen_sign_ins s
    left join known_sign_in_errors e on e.code = s.error_code and e.kind = 'policy'
    where s.client_ip <> ''
    group by s.tenant, s.account_key, s.day_number, s.client_ip
)
select u.tenant, u.account_key, u.day_number, u.client_ip, min(u.network) as network,
    coalesce(min(c.country), '') as country,
    cast(sum(u.success_count) as bigint) as success_count,
    cast(sum(u.message_count) as bigint) as message_count,
    cast(sum(u.failure_count) as bigint) as failure_count,
    cast(sum(u.refused_count) as bigint) as refused_count,
    min(u.first_at) as first_at, max(u.last_at) as last_at,
    min(u.first_failed_at) as first_failed_at, max(u.last_failed_at) as last_failed_at
from uses u
left join address_countries c on c.client_ip = u.client_ip
group by u.tenant, u.account_key, u.day_number, u.client_ip
