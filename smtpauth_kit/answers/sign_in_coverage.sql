-- Question: on which days does each source have sign-ins, and how many?
-- Grain:    one row per source, tenant and day of $timezone
-- Params:   $timezone
with dated as (
    select source, tenant, ahead_of_clock,
        cast(signed_in_at at time zone 'UTC' at time zone $timezone as date) as day
    from sign_ins
)
select source, tenant, day, bool_and(ahead_of_clock) as ahead_of_clock, count(*) as attempt_count
from dated
group by source, tenant, day
order by source, tenant, day
