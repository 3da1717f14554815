-- Question: what of sent_spans is read?
-- Grain:    as of sent_spans: all of it, where nobody asks about few client addresses
select tenant, account_key, sender_key, client_ip, span, message_count, days_bits, first_day,
    last_day, first_sent_at, last_sent_at
from sent_spans
