-- Question: how many messages are there, of how many senders?
-- Grain:    one row
with counted as (/* counted: daily_by_sender */)
select coalesce(sum(message_count), 0)::bigint as message_count,
    count(distinct case when message_count > 0 then sender_key end) as account_count
from counted
