-- Question: how long is the longest of each sender's usual pauses in its use of Basic auth?
-- Grain:    one row per sender with two such days or more; of ten pauses the longest is left out
-- Reads:    basic_days
with alike_basic_pauses as (
    select sender_key, pause, count(*) as times
    from basic_days
    where pause is not null
    group by sender_key, pause
), placed_basic_pauses as (
    select sender_key, pause, times,
        row_number() over (partition by sender_key order by pause desc) as place,
        sum(times) over (partition by sender_key) as pauses
    from alike_basic_pauses
)
select sender_key, max(pause) as basic_pause
from placed_basic_pauses
where place = 2 or (place = 1 and (pauses < 10 or times > 1))
group by sender_key
