-- Question: how many messages of the whole period were authenticated by which protocol?
-- Grain:    one row per auth protocol that occurs
with counted as (/* counted */)
select auth_protocol, sum(message_count)::bigint as message_count
from counted
group by auth_protocol
having sum(message_count) > 0
