-- Question: how many recipients had these senders' messages on a day at most?
-- Grain:    one row per tenant and sender; null where no message tells how many it had
-- Reads:    asked_messages
select tenant, sender_key, max(day_recipients) as peak_recipients
from (
    select tenant, sender_key, period_start, sum(recipient_count) as day_recipients
    from asked_messages
    group by tenant, sender_key, period_start
) as days
group by tenant, sender_key
