-- Question: on which days did each sender send first and last, whatever the range?
-- Grain:    one row per sender with a message on any day loaded of the sources shown
-- Reads:    ever_counted
select sender_key, min(period_start) as first_seen_ever, max(period_end) as last_seen_ever
from ever_counted
where message_count > 0
group by sender_key
