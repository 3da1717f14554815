-- Question: from where was each account used, and from where did it fail, on each day?
-- Grain:    one row per tenant, account, day and client address, of messages (a row per From
--           address), of successful sign-ins (a row per program) and of failures apart. Use is a
--           message or a successful sign-in; a failure that a policy caused (refused_count) is no
--           guess at a password
with told as (
    select tenant, account_key, day_number, client_ip, network, cast(0 as bigint) as success_count,
        message_count, cast(0 as bigint) as failure_count, cast(0 as bigint) as refused_count,
        first_sent_at as first_at, last_sent_at as last_at,
        cast(null as timestamp) as first_failed_at, cast(null as timestamp) as last_failed_at
    from message_places
    where first_sent_at is not null
    union all
    select tenant, account_key, day_number, client_ip, network, success_count, cast(0 as bigint),
        cast(0 as bigint), cast(0 as bigint), first_at, last_at, cast(null as timestamp),
        cast(null as timestamp)
    from successful_attempts
    union all
    select tenant, account_key, day_number, client_ip, network, cast(0 as bigint),
        cast(0 as bigint), failure_count, refused_count, cast(null as timestamp),
        cast(null as timestamp), first_failed_at, last_failed_at
    from failed_attempts
)
select p.tenant, p.account_key, p.day_number, p.client_ip, p.network,
    coalesce(c.country, '') as country, p.success_count, p.message_count, p.failure_count,
    p.refused_count, p.first_at, p.last_at, p.first_failed_at, p.last_failed_at
from told p
left join address_countries c on c.client_ip = p.client_ip
