-- Question: from which addresses did this sender send?
-- Grain:    one row per client IP
-- Reads:    counted_messages
select client_ip, cast(sum(message_count) as bigint) as message_count
from counted_messages
where client_ip <> ''
group by client_ip
order by client_ip
