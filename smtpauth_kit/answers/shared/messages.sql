-- Question: which messages, and which counts of reports, are loaded and not superseded?
-- Grain:    one row per message, or per count of a report
select source, tenant, period_start, period_end, sender_key, sender_address, sender_domain,
    account_key, tls_version, auth_protocol, client_ip, sent_at, tls_cipher, message_subject, recipients,
    ahead_of_clock, message_count
from submissions
where superseded_by is null
