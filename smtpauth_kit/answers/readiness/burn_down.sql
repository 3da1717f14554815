-- Question: what was sent in each ISO week, over Basic auth and over TLS 1.0 and 1.1?
-- Grain:    one row per week in which anything was sent; a count that reaches over the end of a
--           week is in none
-- Params:   $source, $sources
-- Reads:    ready_rows
-- An address that two tenants have is a sender of each. A sender's week is added up first: of these
-- there are far fewer than rows, and none is twice among them.
with numbered as (
    select tenant, sender_key, tls_version, auth_protocol, message_count,
        date_diff('day', date '1970-01-01', period_start) as first_number,
        date_diff('day', date '1970-01-01', period_end) as last_number
    from ready_rows
    where source = $source or array_contains($sources, concat(tenant, '|', source))
), placed as (
    -- 1 January 1970 was a Thursday: the number of a Monday is 4, 11, 18 and so on.
    select tenant, sender_key, tls_version, auth_protocol, message_count,
        first_number - (first_number + 3) % 7 as monday,
        last_number - (last_number + 3) % 7 as last_monday
    from numbered
), by_sender as (
    select monday, max(case when auth_protocol = 'basic' then 1 else 0 end) as is_basic,
        sum(case when auth_protocol = 'basic' then message_count else 0 end) as basic_count,
        max(case when tls_version in ('1.0', '1.1') then 1 else 0 end) as is_legacy_tls,
        sum(case when tls_version in ('1.0', '1.1') then message_count else 0 end)
            as legacy_tls_count,
        sum(message_count) as message_count,
        sum(case when auth_protocol = 'unknown' then message_count else 0 end)
            as unknown_auth_count,
        sum(case when tls_version = 'unknown' then message_count else 0 end) as unknown_tls_count
    from placed
    where monday = last_monday
    group by tenant, sender_key, monday
)
select monday, cast(sum(is_basic) as bigint) as basic_sender_count,
    cast(sum(basic_count) as bigint) as basic_message_count,
    cast(sum(is_legacy_tls) as bigint) as legacy_tls_sender_count,
    cast(sum(legacy_tls_count) as bigint) as legacy_tls_message_count,
    count(*) as sender_count, cast(sum(message_count) as bigint) as message_count,
    cast(sum(unknown_auth_count) as bigint) as unknown_auth_count,
    cast(sum(unknown_tls_count) as bigint) as unknown_tls_count
from by_sender
group by monday
order by monday
