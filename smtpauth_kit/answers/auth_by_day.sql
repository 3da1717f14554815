-- Question: how many messages of each day, or of each report's period, came by which auth protocol?
-- Grain:    one row per period_start, period_end, auth_protocol
-- Reads:    counted
select period_start, period_end, auth_protocol, cast(sum(message_count) as bigint) as message_count
from counted
group by period_start, period_end, auth_protocol
having sum(message_count) > 0
order by period_start, period_end, auth_protocol
