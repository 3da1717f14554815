-- Question: what did each account send, in which name, from which address, in each sixty days?
-- Grain:    as of place_spans, of what counts. Where no account is told the sender stands for it
select tenant, case when account_key = '' then sender_key else account_key end as account_key,
    account_key <> '' as has_account, sender_key, client_ip, span, message_count, weak_tls_count,
    strong_tls_count, basic_count, oauth_count, recipient_count, days_bits, first_day, last_day,
    first_sent_at, last_sent_at
from place_spans
