-- Question: on which days did each sender send, and how long was the pause before?
-- Grain:    as of sender_days. pause: since its last day before; null on its first day
-- Reads:    sender_days
select sender_number, day_number, message_count,
    day_number - lag(day_number) over (partition by sender_number order by day_number) as pause
from sender_days
