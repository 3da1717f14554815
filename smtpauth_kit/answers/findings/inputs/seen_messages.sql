-- Question: which messages have a time?
-- Grain:    one row per message
select tenant, sender_key, account_key, has_account, sent_at, day, day_number, client_ip, network,
    tls_version, auth_protocol, recipient_count, message_count, file_id
from seen_rows
where sent_at is not null
