-- Question: which devices send as this sender?
-- Grain:    one row per client IP, TLS version and cipher, the busiest first; messages that tell no
--           client IP are one row more
-- Params:   $timezone
-- Reads:    counted_messages, counted_sign_ins
-- A message that tells no version or cipher is the device's whose only one is known at its address.
-- Counted by hour first: of a sender of many messages there are few hours.
with handed_in as (
    select client_ip, tls_version, tls_cipher, auth_protocol, period_start, period_end, hour,
        sum(message_count) as message_count
    from (
        select client_ip, tls_version, tls_cipher, auth_protocol, period_start, period_end,
            message_count,
            extract(hour from sent_at at time zone 'UTC' at time zone $timezone) as hour
        from counted_messages
    ) as by_hour
    group by client_ip, tls_version, tls_cipher, auth_protocol, period_start, period_end, hour
), of_address as (
    select client_ip, min(tls_version) as tls_version
    from handed_in
    where tls_version <> 'unknown'
    group by client_ip
    having count(distinct tls_version) = 1
), versioned as (
    select h.client_ip,
        case when h.tls_version = 'unknown' then coalesce(o.tls_version, h.tls_version)
            else h.tls_version end as tls_version,
        h.tls_cipher, h.auth_protocol, h.period_start, h.period_end, h.message_count, h.hour
    from handed_in as h
    left join of_address as o on o.client_ip = h.client_ip
), of_version as (
    select client_ip, tls_version, min(tls_cipher) as tls_cipher
    from versioned
    where tls_cipher <> ''
    group by client_ip, tls_version
    having count(distinct tls_cipher) = 1
), sent as (
    select v.client_ip, v.tls_version,
        case when v.tls_cipher = '' then coalesce(o.tls_cipher, '') else v.tls_cipher end
            as tls_cipher,
        v.auth_protocol, v.period_start, v.period_end, v.message_count, v.hour
    from versioned as v
    left join of_version as o on o.client_ip = v.client_ip and o.tls_version = v.tls_version
), signed_in as (
    select client_ip,
        array_sort(array_agg(distinct user_agent) filter (where user_agent <> '')) as user_agents,
        array_sort(array_agg(distinct country) filter (where country <> '')) as countries,
        array_sort(array_agg(distinct network) filter (where network <> '')) as networks
    from counted_sign_ins
    where client_ip <> ''
    group by client_ip
), devices as (
    select client_ip, tls_version, tls_cipher,
        array_sort(array_agg(distinct auth_protocol)) as auth_protocols,
        array_sort(array_agg(distinct cast(hour as int)) filter (where hour is not null)) as hours,
        cast(sum(message_count) as bigint) as message_count,
        case when max(date_diff('day', period_start, period_end)) = 0
            then count(distinct period_start) end as day_count, min(period_start) as first_seen,
        max(period_end) as last_seen
    from sent
    group by client_ip, tls_version, tls_cipher
)
select d.client_ip, d.tls_version, d.tls_cipher, d.auth_protocols, s.user_agents, s.countries,
    s.networks, d.hours, d.message_count, d.day_count, d.first_seen, d.last_seen
from devices as d
left join signed_in as s on s.client_ip = d.client_ip
order by d.message_count desc, d.client_ip, d.tls_version, d.tls_cipher
