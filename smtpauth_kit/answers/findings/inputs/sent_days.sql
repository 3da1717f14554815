-- Question: what did each account send, in which name, from which address, on each day, and how?
-- Grain:    one row per tenant, account, From address, client address, day and source; counts of
--           several days are in none. Where no account is told the sender stands for it
select tenant, case when account_key = '' then sender_key else account_key end as account_key,
    account_key <> '' as has_account, sender_key, client_ip, period_start as day,
    cast(date_diff('day', date '1970-01-01', period_start) as int) as day_number, message_count,
    weak_tls_count, strong_tls_count, basic_count, oauth_count, recipient_count,
    largest_recipient_count, first_sent_at, last_sent_at
from place_days_asked
