-- Question: how long is the longest of each sender's usual pauses in its use of Basic auth?
-- Grain:    one row per sender with two such days or more; of ten pauses the longest is left out
-- Reads:    basic_days
with placed as (
    select sender_key, pause,
        row_number() over (partition by sender_key order by pause desc) as place,
        count(*) over (partition by sender_key) as pauses
    from basic_days
    where pause is not null
)
select sender_key, max(pause) as basic_pause
from placed
where place = 2 or (place = 1 and pauses < 10)
group by sender_key
