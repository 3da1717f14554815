-- Question: what of place_days is read?
-- Grain:    as of place_days: all of it, where nobody asks about few client addresses
select tenant, period_start, sender_key, account_key, client_ip, message_count, weak_tls_count,
    strong_tls_count, basic_count, oauth_count, recipient_count, largest_recipient_count,
    first_sent_at, last_sent_at
from place_days
