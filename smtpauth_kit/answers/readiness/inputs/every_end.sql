-- Question: on which days did each sender send first and last, whatever the range and the source?
-- Grain:    one row per sender with a message on any day loaded
select tenant, sender_key, min(period_start) as first_seen_ever, max(period_end) as last_seen_ever
from daily_by_sender
where message_count > 0
group by tenant, sender_key
