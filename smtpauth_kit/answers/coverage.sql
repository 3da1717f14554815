-- Question: for which days and periods does each source have messages, and how many?
-- Grain:    one row per source, tenant and day or period
-- Reads:    loaded_days
select source, tenant, period_start, period_end, bool_and(ahead_of_clock) as ahead_of_clock,
    cast(sum(message_count) as bigint) as message_count
from loaded_days
group by source, tenant, period_start, period_end
order by source, tenant, period_start, period_end
