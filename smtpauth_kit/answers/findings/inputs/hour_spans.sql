-- Question: how much was sent in each hour of the day, in each sixty days?
-- Grain:    one row per source, tenant, span of sixty days (of reports a day, as in place_spans),
--           From address and hour, and whether it is ahead of the clock. Kept as span_by_hour
-- Reads:    hour_days
with numbered as (
    select source, tenant, ahead_of_clock, period_start, sender_key, hour_of_day, message_count,
        date_diff('day', date '1970-01-01', period_start) as day_number
    from hour_days
), spanned as (
    select source, tenant, ahead_of_clock, cast(floor(day_number / 60) as int) as span,
        case when source = 'report' then period_start end as report_day, sender_key, hour_of_day,
        message_count
    from numbered
)
select source, tenant, ahead_of_clock, span, report_day as period_start,
    report_day as period_end, sender_key, hour_of_day,
    cast(sum(message_count) as bigint) as message_count, count(*) as day_count
from spanned
group by source, tenant, ahead_of_clock, span, report_day, sender_key, hour_of_day
