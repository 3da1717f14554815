-- Question: on which days did each of these senders send first and last, whatever the range?
-- Grain:    one row per sender that has a message on any day loaded, of any source
-- Params:   $keys (sender keys, at least one)
-- Reads:    ever_loaded
select sender_key, min(period_start) as first_seen_ever, max(period_end) as last_seen_ever
from ever_loaded
where sender_key in (select unnest($keys))
group by sender_key
