-- Question: from how many addresses did each of these senders send?
-- Grain:    one row per sender that has any
-- Params:   $keys (sender keys)
with counted_rows as (/* counted: submissions */)
select sender_key, count(distinct client_ip) as client_ip_count
from counted_rows
where client_ip <> '' and sender_key in (select unnest($keys::text[]))
group by sender_key
