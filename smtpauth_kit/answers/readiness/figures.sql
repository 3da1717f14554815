-- Question: what did each sender send in the range and in its last 30 days, and in what rhythm?
-- Grain:    one row per tenant and sender of the range
-- Params:   $recent_start (the first of the 30 days that end with the range)
-- Reads:    told_by_source, numbered_rows, paused_days, sender_numbers, shortly_before, pauses
with told as (
    select tenant, sender_key, array_sort(array_agg(distinct source)) as sources,
        array_sort(array_agg(distinct concat(tenant, '|', source))) as places
    from told_by_source
    group by tenant, sender_key
), counted as (
    select sender_number,
        cast(sum(message_count) as bigint) as message_count,
        cast(sum(case when auth_protocol = 'basic' then message_count else 0 end) as bigint)
            as basic_count,
        cast(sum(case when auth_protocol = 'oauth' then message_count else 0 end) as bigint)
            as oauth_count,
        cast(sum(case when auth_protocol = 'unknown' then message_count else 0 end) as bigint)
            as unknown_auth_count,
        cast(sum(case when tls_version in ('1.0', '1.1') then message_count else 0 end)
            as bigint) as legacy_tls_count,
        cast(sum(case when tls_version = 'none' then message_count else 0 end) as bigint)
            as none_tls_count,
        cast(sum(case when tls_version = 'unknown' then message_count else 0 end) as bigint)
            as unknown_tls_count,
        min(period_start) as first_seen, max(period_end) as last_seen,
        max(case when auth_protocol = 'basic' then period_end end) as last_basic,
        max(case when auth_protocol = 'oauth' then period_end end) as last_oauth,
        max(case when auth_protocol = 'unknown' then period_end end) as last_unknown_auth,
        max(case when tls_version in ('1.0', '1.1') then period_end end) as last_legacy_tls,
        max(case when tls_version = 'none' then period_end end) as last_none_tls,
        max(date_diff('day', period_start, period_end) + 1) as longest_period
    from numbered_rows
    group by sender_number
), active as (
    select sender_number, count(*) as active_days,
        sum(case when (day_number + 3) % 7 < 5 then 1 else 0 end) as weekdays_active,
        min(day_number) as first_day, max(day_number) as last_day,
        max(message_count) as peak_count,
        array_sort(array_agg(case when pause is null or pause > 2 then day_number end)
            filter (where pause is null or pause > 2)) as starts
    from paused_days
    group by sender_number
), recent as (
    -- Of a sender that sent nothing in them: the 30 days that end on its own last day. Either may
    -- begin before the range.
    select sender_number, case when last_seen >= $recent_start then $recent_start
        else last_seen + cast(-29 as int) end as recent_start
    from counted
), used as (
    select c.sender_number, r.recent_start,
        coalesce(c.last_basic, case when b.last_basic >= r.recent_start then b.last_basic end)
            as last_basic,
        coalesce(c.last_unknown_auth, b.last_unknown_auth) as last_unknown_auth,
        coalesce(c.last_legacy_tls, case when b.last_legacy_tls >= r.recent_start
            then b.last_legacy_tls end) as last_legacy_tls,
        coalesce(c.last_none_tls, b.last_none_tls) as last_none_tls
    from counted c
    join recent r on r.sender_number = c.sender_number
    join sender_numbers n on n.sender_number = c.sender_number
    left join shortly_before b on b.tenant = n.tenant and b.sender_key = n.sender_key
)
select n.tenant, n.sender_key, n.sender_address, n.sender_domain, t.sources, t.places,
    c.message_count,
    c.basic_count, c.oauth_count, c.unknown_auth_count, c.legacy_tls_count, c.none_tls_count,
    c.unknown_tls_count, c.first_seen, c.last_seen, u.last_basic, c.last_oauth, u.last_legacy_tls,
    c.longest_period,
    case when u.last_basic >= u.recent_start then 1 else 0 end as basic_recently,
    case when u.last_unknown_auth >= u.recent_start then 1 else 0 end as unknown_auth_recently,
    case when u.last_legacy_tls >= u.recent_start then 1 else 0 end as legacy_tls_recently,
    case when u.last_none_tls >= u.recent_start then 1 else 0 end as none_tls_recently,
    cast(a.active_days as bigint) as active_days,
    cast(a.weekdays_active as bigint) as weekdays_active,
    cast(a.first_day as bigint) as first_day, cast(a.last_day as bigint) as last_day,
    a.peak_count, a.starts, cast(p.usual_pause as bigint) as usual_pause,
    cast(p.basic_pause as bigint) as basic_pause
from counted c
join sender_numbers n on n.sender_number = c.sender_number
join used u on u.sender_number = c.sender_number
join told t on t.tenant = n.tenant and t.sender_key = n.sender_key
left join active a on a.sender_number = c.sender_number
left join pauses p on p.sender_number = c.sender_number
order by n.sender_key, n.tenant
