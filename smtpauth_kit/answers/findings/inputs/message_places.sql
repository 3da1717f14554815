-- Question: what did each account send, in which name, from which address, on each day, and how?
-- Grain:    one row per tenant, account, From address, client address, day and source; counts of
--           several days are in none
select p.tenant, case when p.account_key = '' then p.sender_key else p.account_key end
        as account_key,
    p.account_key <> '' as has_account, p.sender_key, p.client_ip, p.period_start as day,
    date_diff('day', date '1970-01-01', p.period_start) as day_number,
    coalesce(n.network, '') as network, p.message_count, p.weak_tls_count, p.strong_tls_count,
    p.basic_count, p.oauth_count, p.recipient_count, p.largest_recipient_count, p.first_sent_at,
    p.last_sent_at
from place_days p
left join networks n on n.client_ip = p.client_ip
