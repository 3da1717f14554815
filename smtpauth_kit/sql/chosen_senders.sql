-- The senders that the filters ask for, by their figures in the scope; every answer narrows to them.
-- Grain: one row per sender
select sender_key
from (/* counted */) as senders
/* clients */
where message_count > 0
group by sender_key, sender_domain
having /* having */
