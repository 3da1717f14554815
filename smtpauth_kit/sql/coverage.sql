-- Question: for which days and periods does each source have messages, and how many?
-- Grain:    one row per source, tenant and day or period
with daily as (/* daily_by_domain */)
select source, tenant, period_start, period_end, bool_and(ahead_of_clock) as ahead_of_clock,
    sum(message_count)::bigint as message_count
from daily
group by source, tenant, period_start, period_end
order by source, tenant, period_start, period_end
