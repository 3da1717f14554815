-- Question: what was sent in each ISO week, over Basic auth and over TLS 1.0 and 1.1?
-- Grain:    one row per week in which anything was sent; a count that reaches over the end of a
--           week is in none
-- Params:   $source, $sources
-- Reads:    ready_rows
-- An address that two tenants have is a sender of each.
with numbered as (
    select concat(tenant, '|', sender_key) as sender, tls_version, auth_protocol, message_count,
        date_diff('day', date '1970-01-01', period_start) as first_number,
        date_diff('day', date '1970-01-01', period_end) as last_number
    from ready_rows
    where source = $source or array_contains($sources, concat(tenant, '|', source))
), placed as (
    -- 1 January 1970 was a Thursday: the number of a Monday is 4, 11, 18 and so on.
    select sender, tls_version, auth_protocol, message_count,
        first_number - (first_number + 3) % 7 as monday,
        last_number - (last_number + 3) % 7 as last_monday
    from numbered
)
select monday,
    count(distinct case when auth_protocol = 'basic' then sender end) as basic_sender_count,
    cast(sum(case when auth_protocol = 'basic' then message_count else 0 end) as bigint)
        as basic_message_count,
    count(distinct case when tls_version in ('1.0', '1.1') then sender end)
        as legacy_tls_sender_count,
    cast(sum(case when tls_version in ('1.0', '1.1') then message_count else 0 end) as bigint)
        as legacy_tls_message_count,
    count(distinct sender) as sender_count,
    cast(sum(message_count) as bigint) as message_count,
    cast(sum(case when auth_protocol = 'unknown' then message_count else 0 end) as bigint)
        as unknown_auth_count,
    cast(sum(case when tls_version = 'unknown' then message_count else 0 end) as bigint)
        as unknown_tls_count
from placed
where monday = last_monday
group by monday
order by monday
