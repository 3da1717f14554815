-- Question: since when in each sixty days did each sender write to each domain?
-- Grain:    one row per source, tenant, span of sixty days (since 1970; of reports, which count by
--           their periods, a day), From address and domain of a recipient, and whether it is ahead of
--           the clock. Kept as span_by_recipient_domain, where first_day is null of a domain that
--           no recipient is addressed by
-- Reads:    recipient_days
with numbered as (
    select source, tenant, ahead_of_clock, period_start, sender_key, domain,
        cast(date_diff('day', date '1970-01-01', period_start) as int) as day_number
    from recipient_days
), spanned as (
    select source, tenant, ahead_of_clock, cast(floor(day_number / 60) as int) as span,
        case when source = 'report' then period_start end as report_day, sender_key, domain,
        day_number
    from numbered
)
select source, tenant, ahead_of_clock, span, report_day as period_start,
    report_day as period_end, sender_key, domain, min(day_number) as first_day
from spanned
group by source, tenant, ahead_of_clock, span, report_day, sender_key, domain
