-- Question: how long is the longest of each sender's usual pauses, of all its days?
-- Grain:    one row per sender with two days or more; of ten pauses the longest is left out: one
--           holiday is no rhythm
-- Reads:    active_days
with placed as (
    select sender_key, pause,
        row_number() over (partition by sender_key order by pause desc) as place,
        count(*) over (partition by sender_key) as pauses
    from active_days
    where pause is not null
)
select sender_key, max(pause) as usual_pause
from placed
where place = 2 or (place = 1 and pauses < 10)
group by sender_key
