-- Question: of which days does the store not keep as many sign-ins as there are?
-- Grain:    one row per source, tenant and day
with told as (
    select source, tenant, cast(signed_in_at as date) as period_start, cast(1 as bigint) as n,
        cast(0 as bigint) as kept
    from sign_ins
    union all
    select source, tenant, period_start, cast(0 as bigint), attempt_count
    from daily_by_attempt
)
select source, tenant, period_start
from told
group by source, tenant, period_start
having sum(n) <> sum(kept)
