-- Question: of which days do the tables kept for the rules not hold what the rollups hold?
-- Grain:    one row per source, tenant and day: it changed since, or its messages are not as many
with changed as (
    select source, tenant, period_start
    from changed_periods
    where period_start = period_end
), told as (
    select source, tenant, period_start, message_count as rolled_up, 0 as kept
    from daily_by_domain
    where period_start = period_end
    union all
    select source, tenant, period_start, 0, message_count
    from daily_by_place
), differing as (
    select source, tenant, period_start
    from told
    group by source, tenant, period_start
    having sum(rolled_up) <> sum(kept)
), both_of as (
    select source, tenant, period_start from changed
    union
    select source, tenant, period_start from differing
)
select source, tenant, period_start
from both_of
order by period_start, source, tenant
