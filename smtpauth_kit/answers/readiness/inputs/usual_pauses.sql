-- Question: how long is the longest of each sender's usual pauses, of all its days?
-- Grain:    one row per sender with two days or more; of ten pauses the longest is left out: one
--           holiday is no rhythm
-- Reads:    active_days
-- Equal pauses are counted first: of most senders there are few different ones.
with alike_pauses as (
    select sender_key, pause, count(*) as times
    from active_days
    where pause is not null
    group by sender_key, pause
), placed_pauses as (
    select sender_key, pause, times,
        row_number() over (partition by sender_key order by pause desc) as place,
        sum(times) over (partition by sender_key) as pauses
    from alike_pauses
)
select sender_key, max(pause) as usual_pause
from placed_pauses
where place = 2 or (place = 1 and (pauses < 10 or times > 1))
group by sender_key
