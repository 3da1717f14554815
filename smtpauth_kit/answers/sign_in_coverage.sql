-- Question: on which days does each source have sign-ins, and how many?
-- Grain:    one row per source and day of $timezone
-- Params:   $timezone
with dated as (
    select source, ahead_of_clock,
        cast(signed_in_at at time zone 'UTC' at time zone $timezone as date) as day
    from sign_ins
)
select source, day, bool_and(ahead_of_clock) as ahead_of_clock, count(*) as attempt_count
from dated
group by source, day
order by source, day
