-- Question: on which days did each sender of a tenant send, and how much?
-- Grain:    one row per sender of a tenant and day; counts of several days are in none
-- Reads:    numbered_rows
select sender_number, cast(date_diff('day', date '1970-01-01', period_start) as int) as day_number,
    cast(sum(message_count) as bigint) as message_count
from numbered_rows
where period_start = period_end
group by sender_number, period_start
