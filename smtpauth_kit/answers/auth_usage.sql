-- Question: how many messages of the whole period were authenticated by which protocol?
-- Grain:    one row per auth protocol that occurs
-- Reads:    counted
select auth_protocol, cast(sum(message_count) as bigint) as message_count
from counted
group by auth_protocol
having sum(message_count) > 0
order by auth_protocol
