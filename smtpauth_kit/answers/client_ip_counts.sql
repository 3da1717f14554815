-- Question: from how many addresses did each of these senders send?
-- Grain:    one row per sender that has any
-- Params:   $keys (sender keys, at least one)
-- Reads:    counted_messages
select sender_key, count(distinct client_ip) as client_ip_count
from counted_messages
where client_ip <> '' and sender_key in (select unnest($keys))
group by sender_key
