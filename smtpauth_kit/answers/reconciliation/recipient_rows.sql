-- Question: how many rows are one more recipient of a message that has no id?
-- Grain:    one row per tenant, period and sender with such rows
-- Reads:    larger_messages
-- A server's log names each message by its queue id, so its rows are messages.
select tenant, period_start, period_end, sender_key,
    cast(sum(row_count - 1) as bigint) as recipient_rows
from (
    select tenant, period_start, period_end, sender_key,
        count(distinct recipients) as row_count
    from larger_messages
    where message_id = '' and network_message_id = '' and larger <> 'server_log'
        and sent_at is not null and client_ip <> '' and recipient_count > 0 and message_count = 1
    group by tenant, period_start, period_end, sender_key, date_trunc('second', sent_at), client_ip
) as told
where row_count > 1
group by tenant, period_start, period_end, sender_key
