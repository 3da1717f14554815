-- Question: how many messages are there of each day, or of each report's period?
-- Grain:    one row per period_start, period_end
-- Reads:    counted
select period_start, period_end, cast(sum(message_count) as bigint) as message_count
from counted
group by period_start, period_end
having sum(message_count) > 0
order by period_start, period_end
