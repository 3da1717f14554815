-- Question: which messages are loaded, by the days of a time zone?
-- Grain:    one row per message, which has its local day, or per count, which keeps its own days
-- Params:   $timezone
select source, tenant,
    coalesce(cast(sent_at at time zone 'UTC' at time zone $timezone as date), period_start)
        as period_start,
    coalesce(cast(sent_at at time zone 'UTC' at time zone $timezone as date), period_end)
        as period_end,
    period_start as utc_start, period_end as utc_end,
    sender_key, sender_address, sender_domain, account_key, tls_version, auth_protocol, client_ip,
    sent_at, tls_cipher, recipients,
    message_subject, ahead_of_clock, message_count
from submissions
where superseded_by is null
