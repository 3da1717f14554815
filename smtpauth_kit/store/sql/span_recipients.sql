-- What the days of daily_by_recipient_domain add up to in a span of sixty days (of reports: each day).
-- In: recipient_days, of the days of the span. Out: the rows of span_by_recipient_domain.
with numbered as (
    select *, date_diff('day', date '1970-01-01', period_start) as day_number
    from recipient_days
)
select source, tenant, ahead_of_clock, (day_number // 60)::integer as span,
    case when source = 'report' then period_start end as period_start,
    case when source = 'report' then period_end end as period_end, sender_key, domain,
    min(case when is_addressed then day_number end)::integer as first_day,
    bool_or(is_last) as is_last, bool_or(is_untold) as is_untold
from numbered
group by source, tenant, ahead_of_clock, span,
    case when source = 'report' then period_start end,
    case when source = 'report' then period_end end, sender_key, domain
