-- Question: on which days did each sender use Basic auth, and how long was the pause before?
-- Grain:    one row per sender and day, or last day of a period; the first has no pause (null)
-- Reads:    ready_rows
with used_days as (
    select tenant, sender_key, date_diff('day', date '1970-01-01', period_end) as day_number
    from ready_rows
    where auth_protocol = 'basic'
    group by tenant, sender_key, period_end
)
select tenant, sender_key, day_number,
    day_number - lag(day_number) over (partition by tenant, sender_key order by day_number) as pause
from used_days
