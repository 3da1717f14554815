-- Question: how many messages are there, of how many senders?
-- Grain:    one row
-- Reads:    counted_by_sender
select cast(coalesce(sum(message_count), 0) as bigint) as message_count,
    count(distinct case when message_count > 0 then sender_key end) as account_count
from counted_by_sender
