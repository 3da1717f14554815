-- Question: how long is the longest usual pause of a sender, and of its use of Basic auth?
-- Grain:    one row per sender with two days or more; basic_pause is null with fewer than two of
--           Basic auth. Of ten pauses the longest is left out: one holiday is no rhythm
-- Reads:    active_days, basic_days
-- Equal pauses are counted first: of most senders there are few different ones.
with each_pause as (
    select tenant, sender_key, false as is_basic, pause from active_days where pause is not null
    union all
    select tenant, sender_key, true as is_basic, pause from basic_days where pause is not null
), alike_pauses as (
    select tenant, sender_key, is_basic, pause, count(*) as times
    from each_pause
    group by tenant, sender_key, is_basic, pause
), placed_pauses as (
    select tenant, sender_key, is_basic, pause, times,
        row_number() over (partition by tenant, sender_key, is_basic order by pause desc) as place,
        sum(times) over (partition by tenant, sender_key, is_basic) as pauses
    from alike_pauses
)
select tenant, sender_key, max(case when not is_basic then pause end) as usual_pause,
    max(case when is_basic then pause end) as basic_pause
from placed_pauses
where place = 2 or (place = 1 and (pauses < 10 or times > 1))
group by tenant, sender_key
