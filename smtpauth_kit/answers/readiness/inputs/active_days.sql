-- Question: on which days did each sender of a tenant send, and how long was the pause before?
-- Grain:    one row per sender and day; counts of several days are in none; no pause before the
--           first day (null)
-- Reads:    ready_rows
with sent_days as (
    select tenant, sender_key, date_diff('day', date '1970-01-01', period_start) as day_number,
        cast(sum(message_count) as bigint) as message_count
    from ready_rows
    where period_start = period_end
    group by tenant, sender_key, period_start
)
select tenant, sender_key, day_number, message_count,
    day_number - lag(day_number) over (partition by tenant, sender_key order by day_number) as pause
from sent_days
