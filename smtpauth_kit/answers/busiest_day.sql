-- Question: how many messages does the fullest source count for each day or period?
-- Grain:    one row per period, its first day first
with by_source as (
    select source, tenant, period_start, period_end,
        cast(sum(message_count) as bigint) as message_count
    from daily_by_domain
    where not ahead_of_clock
    group by source, tenant, period_start, period_end
)
select period_start, period_end, max(message_count) as message_count
from by_source
group by period_start, period_end
order by period_start, period_end
