-- Question: how long is the longest usual pause of a sender, and of its use of Basic auth?
-- Grain:    one row per sender with two days or more; basic_pause is null with fewer than two of
--           Basic auth. Of ten pauses the longest is left out: one holiday is no rhythm
-- Reads:    basic_days, paused_days
-- Equal pauses are counted first: of most senders there are few different ones.
with basic_pauses as (
    select sender_number, day_number - lag(day_number) over (
        partition by sender_number order by day_number) as pause
    from basic_days
), alike_pauses as (
    select sender_number, false as is_basic, pause, count(*) as times
    from paused_days
    where pause is not null
    group by sender_number, pause
    union all
    select sender_number, true as is_basic, pause, count(*) as times
    from basic_pauses
    where pause is not null
    group by sender_number, pause
), placed_pauses as (
    select sender_number, is_basic, pause, times,
        row_number() over (partition by sender_number, is_basic order by pause desc) as place,
        sum(times) over (partition by sender_number, is_basic) as pauses
    from alike_pauses
)
select sender_number, max(case when not is_basic then pause end) as usual_pause,
    max(case when is_basic then pause end) as basic_pause
from placed_pauses
where place = 2 or (place = 1 and (pauses < 10 or times > 1))
group by sender_number
