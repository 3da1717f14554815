-- Question: what did each sender send in the range and in its last 30 days, and in what rhythm?
-- Grain:    one row per tenant and sender of the range
-- Params:   $recent_start (the first of the 30 days that end with the range)
-- Reads:    ready_rows, active_days, pauses
with ends as (
    select tenant, sender_key, max(period_end) as last_seen
    from ready_rows
    group by tenant, sender_key
), recent as (
    -- Of a sender that sent nothing in them: the 30 days that end on its own last day.
    select tenant, sender_key, case when last_seen >= $recent_start then $recent_start
        else last_seen + cast(-29 as int) end as recent_start
    from ends
), counted as (
    select r.tenant, r.sender_key, max(r.sender_address) as sender_address,
        max(r.sender_domain) as sender_domain,
        array_sort(array_agg(distinct r.source)) as sources,
        array_sort(array_agg(distinct concat(r.tenant, '|', r.source))) as places,
        cast(sum(r.message_count) as bigint) as message_count,
        cast(sum(case when r.auth_protocol = 'basic' then r.message_count else 0 end) as bigint)
            as basic_count,
        cast(sum(case when r.auth_protocol = 'oauth' then r.message_count else 0 end) as bigint)
            as oauth_count,
        cast(sum(case when r.auth_protocol = 'unknown' then r.message_count else 0 end) as bigint)
            as unknown_auth_count,
        cast(sum(case when r.tls_version in ('1.0', '1.1') then r.message_count else 0 end)
            as bigint) as legacy_tls_count,
        cast(sum(case when r.tls_version = 'none' then r.message_count else 0 end) as bigint)
            as none_tls_count,
        cast(sum(case when r.tls_version = 'unknown' then r.message_count else 0 end) as bigint)
            as unknown_tls_count,
        min(r.period_start) as first_seen, max(r.period_end) as last_seen,
        max(case when r.auth_protocol = 'basic' then r.period_end end) as last_basic,
        max(case when r.auth_protocol = 'oauth' then r.period_end end) as last_oauth,
        max(case when r.tls_version in ('1.0', '1.1') then r.period_end end) as last_legacy_tls,
        max(date_diff('day', r.period_start, r.period_end) + 1) as longest_period,
        max(case when r.period_end >= w.recent_start and r.auth_protocol = 'basic' then 1 else 0
            end) as basic_recently,
        max(case when r.period_end >= w.recent_start and r.auth_protocol = 'unknown' then 1 else 0
            end) as unknown_auth_recently,
        max(case when r.period_end >= w.recent_start and r.tls_version in ('1.0', '1.1') then 1
            else 0 end) as legacy_tls_recently,
        max(case when r.period_end >= w.recent_start and r.tls_version = 'none' then 1 else 0 end)
            as none_tls_recently
    from ready_rows r
    join recent w on w.tenant = r.tenant and w.sender_key = r.sender_key
    group by r.tenant, r.sender_key
), active as (
    select tenant, sender_key, count(*) as active_days,
        sum(case when (day_number + 3) % 7 < 5 then 1 else 0 end) as weekdays_active,
        min(day_number) as first_day, max(day_number) as last_day,
        max(message_count) as peak_count,
        array_sort(array_agg(case when pause is null or pause > 2 then day_number end)
            filter (where pause is null or pause > 2)) as starts
    from active_days
    group by tenant, sender_key
)
select c.tenant, c.sender_key, c.sender_address, c.sender_domain, c.sources, c.places, c.message_count,
    c.basic_count, c.oauth_count, c.unknown_auth_count, c.legacy_tls_count, c.none_tls_count,
    c.unknown_tls_count, c.first_seen, c.last_seen, c.last_basic, c.last_oauth, c.last_legacy_tls,
    c.longest_period, c.basic_recently, c.unknown_auth_recently, c.legacy_tls_recently,
    c.none_tls_recently, a.active_days, cast(a.weekdays_active as bigint) as weekdays_active,
    a.first_day, a.last_day, a.peak_count, a.starts, p.usual_pause, p.basic_pause
from counted c
left join active a on a.tenant = c.tenant and a.sender_key = c.sender_key
left join pauses p on p.tenant = c.tenant and p.sender_key = c.sender_key
order by c.sender_key, c.tenant
