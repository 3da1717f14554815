-- Question: how many messages of the whole period went over each TLS version?
-- Grain:    one row per TLS version that occurs
-- Reads:    counted
select tls_version, cast(sum(message_count) as bigint) as message_count
from counted
group by tls_version
having sum(message_count) > 0
