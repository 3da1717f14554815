-- Question: in which hours did each sender send?
-- Grain:    one row per tenant, sender, night (from noon to noon, named by the day it ends on) and
--           hour of the day
select tenant, sender_key,
    day_number + case when hour(sent_at) >= 12 then 1 else 0 end as night, hour(sent_at) as hour_of_day,
    cast(sum(message_count) as bigint) as message_count, min(sent_at) as first_at,
    max(sent_at) as last_at
from seen_messages
group by tenant, sender_key, day_number + case when hour(sent_at) >= 12 then 1 else 0 end,
    hour(sent_at)
