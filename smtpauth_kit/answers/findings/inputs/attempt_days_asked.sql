-- Question: what of attempt_days is read?
-- Grain:    as of attempt_days: all of it, where nobody asks about few client addresses
select tenant, period_start, account_key, client_ip, result, error_code, attempt_count, first_at,
    last_at
from attempt_days
