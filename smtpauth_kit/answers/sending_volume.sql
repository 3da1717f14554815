-- Question: how many messages did each sender domain send on each day, or in each report's period?
-- Grain:    one row per period_start, period_end, sender_domain
-- Reads:    counted
select period_start, period_end,
    case when period_start = period_end then period_start end as report_date,
    sender_domain, cast(sum(message_count) as bigint) as message_count
from counted
group by period_start, period_end, sender_domain
having sum(message_count) > 0
order by period_start, period_end, sender_domain
