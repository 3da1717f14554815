-- Question: what of attempt_spans is read?
-- Grain:    as of attempt_spans: all of it, where nobody asks about few client addresses
select tenant, account_key, client_ip, span, result, error_code, attempt_count, days_bits,
    first_day, last_day, first_at, last_at
from attempt_spans
