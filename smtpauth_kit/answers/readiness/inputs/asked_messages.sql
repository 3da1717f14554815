-- Question: which messages, and counts of reports, are of these senders?
-- Grain:    one row per message, or per count of a report
-- Params:   $keys (sender keys, at least one)
-- Reads:    ready_messages
select tenant, sender_key, account_key, client_ip, recipients, recipient_count, period_start
from ready_messages
where sender_key in (select unnest($keys))
