-- Question: in which hours did each sender send?
-- Grain:    one row per tenant, sender, night (from noon to noon, named by the day it ends on) and
--           hour of the day. (A sender is in one source that counts; a day that is partly ahead of
--           a clock that is wrong anyway has two rows an hour.)
select tenant, sender_key, cast(date_diff('day', date '1970-01-01', period_start)
        + case when hour_of_day >= 12 then 1 else 0 end as int) as night,
    cast(hour_of_day as tinyint) as hour_of_day, message_count
from hour_days
