-- Question: on which days did each sender of a tenant use Basic auth?
-- Grain:    one row per sender of a tenant and day (of a count of several days: its last one)
-- Reads:    numbered_rows
select sender_number, cast(date_diff('day', date '1970-01-01', period_end) as int) as day_number
from numbered_rows
where auth_protocol = 'basic'
group by sender_number, period_end
