-- Question: from how many addresses did each sender send?
-- Grain:    one row per sender that a message names an address of
-- Reads:    every_message
select tenant, sender_key, count(distinct client_ip) as client_ip_count
from every_message
where client_ip <> ''
group by tenant, sender_key
