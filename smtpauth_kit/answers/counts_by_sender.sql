-- Question: how many messages does each sender have under these filters?
-- Grain:    one row per tenant and sender
-- Reads:    counted_by_sender
select tenant, sender_key, cast(sum(message_count) as bigint) as message_count
from counted_by_sender
group by tenant, sender_key
