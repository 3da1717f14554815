-- Question: which messages are pulled as they are?
-- Grain:    one row per submission
-- Params:   $whole_senders, $whole_ids, $whole_times; $first, $last
select file_id, source, tenant, sent_at, period_start, period_end, sender_address, sender_key,
    sender_domain, sender_derived, account, account_key, tls_version, tls_cipher, auth_protocol,
    client_ip, recipients, recipient_count, message_id, network_message_id, message_count,
    tls_derived, ahead_of_clock, fields_from, message_subject
from submissions
where superseded_by is null and period_start between $first and $last and (
    array_contains($whole_senders, sender_key) or array_contains($whole_ids, message_id)
    or (sent_at is not null and array_contains($whole_times, cast(sent_at as string)))
)
