-- Question: in which hours did each sender send?
-- Grain:    one row per tenant, sender, night (from noon to noon, named by the day it ends on) and
--           hour of the day
select tenant, sender_key, date_diff('day', date '1970-01-01', period_start)
        + case when hour_of_day >= 12 then 1 else 0 end as night,
    hour_of_day, cast(sum(message_count) as bigint) as message_count
from hour_days
group by tenant, sender_key, date_diff('day', date '1970-01-01', period_start)
        + case when hour_of_day >= 12 then 1 else 0 end,
    hour_of_day
