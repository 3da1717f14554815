-- Question: from which network did each account send, on each day?
-- Grain:    one row per tenant, account, From address, client address, day and source, where
--           messages name an address; times are null where a source has days only
select s.tenant, s.account_key, s.sender_key, s.client_ip, n.network,
    s.day_number, s.message_count, s.first_sent_at, s.last_sent_at
from sent_days s
join networks n on n.client_ip = s.client_ip
where s.client_ip <> ''
