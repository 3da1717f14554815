-- Question: from where was each account used, and from where did it fail, on each day?
-- Grain:    one row per tenant, account, day and client address. Use is a message or a successful
--           sign-in; a failure that a policy caused (refused_count) is no guess at a password
with told as (
    select tenant, account_key, day_number, client_ip, network, 0 as success_count, message_count,
        0 as failure_count, 0 as refused_count, first_sent_at as first_at, last_sent_at as last_at,
        cast(null as timestamp) as failed_at
    from message_places
    where client_ip <> '' and first_sent_at is not null
    union all
    select s.tenant, s.account_key, s.day_number, s.client_ip, s.network,
        case when s.result = 'success' then 1 else 0 end as success_count, 0 as message_count,
        case when s.result = 'failure' and e.code is null then 1 else 0 end as failure_count,
        case when s.result = 'failure' and e.code is not null then 1 else 0 end as refused_count,
        case when s.result = 'success' then s.signed_in_at end as first_at,
        case when s.result = 'success' then s.signed_in_at end as last_at,
        case when s.result = 'failure' and e.code is null then s.signed_in_at end as failed_at
    from seen_sign_ins s
    left join known_sign_in_errors e on e.code = s.error_code and e.kind = 'policy'
    where s.client_ip <> ''
), placed as (
    select tenant, account_key, day_number, client_ip, min(network) as network,
        cast(sum(success_count) as bigint) as success_count,
        cast(sum(message_count) as bigint) as message_count,
        cast(sum(failure_count) as bigint) as failure_count,
        cast(sum(refused_count) as bigint) as refused_count,
        min(first_at) as first_at, max(last_at) as last_at,
        min(failed_at) as first_failed_at, max(failed_at) as last_failed_at
    from told
    group by tenant, account_key, day_number, client_ip
)
select p.tenant, p.account_key, p.day_number, p.client_ip, p.network,
    coalesce(c.country, '') as country, p.success_count, p.message_count, p.failure_count,
    p.refused_count, p.first_at, p.last_at, p.first_failed_at, p.last_failed_at
from placed p
left join address_countries c on c.client_ip = p.client_ip
