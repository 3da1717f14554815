-- Question: how long was each sender silent, and when?
-- Grain:    one row per tenant, sender and day on which it sent, with the silence after it: no day
--           (0), or up to the last whole day loaded (next_day is null)
with days as (
    select tenant, sender_key, day_number,
        lead(day_number) over sender_time as next_day,
        row_number() over sender_time as active_before
    from sender_days
    window sender_time as (partition by tenant, sender_key order by day_number)
), ends as (
    -- The last day loaded may be a part of one: it is no silence yet.
    select tenant, last_day - 1 as last_day from tenants where last_day is not null
)
select d.tenant, d.sender_key, d.day_number as last_day, d.next_day, d.active_before,
    coalesce(d.next_day, e.last_day + 1) as until_day,
    coalesce(d.next_day, e.last_day + 1) - d.day_number - 1 as gap
from days d
join ends e on e.tenant = d.tenant
