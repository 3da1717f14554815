-- Question: which messages have a time?
-- Grain:    one row per message. It is read for few senders and days: name them in a join
select tenant, sender_key,
    case when account_key = '' then sender_key else account_key end as account_key, sent_at,
    period_start as day, client_ip, recipient_count, message_count
from counting_rows
where sent_at is not null and period_start = period_end and message_count > 0
