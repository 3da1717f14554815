-- Question: what did each sender send in the range and in its last 30 days, and in what rhythm?
-- Grain:    one row per tenant and sender of the range
-- Params:   $recent_start (the first of the 30 days that end with the range)
-- Reads:    told_by_source, paused_days, sender_numbers, pauses
with told as (
    select tenant, sender_key, array_sort(array_agg(distinct source)) as sources,
        array_sort(array_agg(distinct concat(tenant, '|', source))) as places
    from told_by_source
    group by tenant, sender_key
), counted as (
    select sender_number,
        cast(sum(message_count) as bigint) as message_count,
        cast(sum(basic_count) as bigint) as basic_count,
        cast(sum(oauth_count) as bigint) as oauth_count,
        cast(sum(unknown_auth_count) as bigint) as unknown_auth_count,
        cast(sum(legacy_tls_count) as bigint) as legacy_tls_count,
        cast(sum(none_tls_count) as bigint) as none_tls_count,
        cast(sum(unknown_tls_count) as bigint) as unknown_tls_count,
        min(period_start) as first_seen, max(period_end) as last_seen,
        max(case when basic_count > 0 then period_end end) as last_basic,
        max(case when oauth_count > 0 then period_end end) as last_oauth,
        max(case when unknown_auth_count > 0 then period_end end) as last_unknown_auth,
        max(case when legacy_tls_count > 0 then period_end end) as last_legacy_tls,
        max(case when none_tls_count > 0 then period_end end) as last_none_tls,
        max(date_diff('day', period_start, period_end) + 1) as longest_period,
        sum(case when is_day then 1 else 0 end) as active_days,
        sum(case when is_day and (day_number + 3) % 7 < 5 then 1 else 0 end) as weekdays_active,
        min(case when is_day then day_number end) as first_day,
        max(case when is_day then day_number end) as last_day,
        max(case when is_day then message_count end) as peak_count,
        array_sort(array_agg(case when pause is null or pause > 2 then day_number end)
            filter (where is_day and (pause is null or pause > 2))) as starts
    from paused_days
    group by sender_number
), recent as (
    -- Of a sender that sent nothing in them: the 30 days that end on its own last day.
    select sender_number, case when last_seen >= $recent_start then $recent_start
        else last_seen + cast(-29 as int) end as recent_start
    from counted
)
select n.tenant, n.sender_key, n.sender_address, n.sender_domain, t.sources, t.places,
    c.message_count,
    c.basic_count, c.oauth_count, c.unknown_auth_count, c.legacy_tls_count, c.none_tls_count,
    c.unknown_tls_count, c.first_seen, c.last_seen, c.last_basic, c.last_oauth, c.last_legacy_tls,
    c.longest_period,
    case when c.last_basic >= r.recent_start then 1 else 0 end as basic_recently,
    case when c.last_unknown_auth >= r.recent_start then 1 else 0 end as unknown_auth_recently,
    case when c.last_legacy_tls >= r.recent_start then 1 else 0 end as legacy_tls_recently,
    case when c.last_none_tls >= r.recent_start then 1 else 0 end as none_tls_recently,
    cast(nullif(c.active_days, 0) as bigint) as active_days,
    cast(case when c.active_days > 0 then c.weekdays_active end as bigint) as weekdays_active,
    c.first_day, c.last_day, c.peak_count, c.starts, p.usual_pause, p.basic_pause
from counted c
join sender_numbers n on n.sender_number = c.sender_number
join recent r on r.sender_number = c.sender_number
join told t on t.tenant = n.tenant and t.sender_key = n.sender_key
left join pauses p on p.sender_number = c.sender_number
order by n.sender_key, n.tenant
