-- The plain rows of messages that no other file has, straight from the log into the store.
-- Params: $file_id, $source, $tenant.
-- In:     parsed, bulk_apart. Out: submission_rows.
insert into submission_rows by name
select $file_id as file_id, $source as source, $tenant as tenant, sent_at,
    sent_at::date as period_start, sent_at::date as period_end,
    sender_id, false as sender_derived, account_id, tls_version, auth_protocol, client_ip,
    recipients, recipient_count, message_id, '' as network_message_id, 1 as message_count,
    false as tls_derived, false as ahead_of_clock,
    null as superseded_by, null as duplicate_of, false as adds_recipients,
    '' as session, '' as row_key
from (/* parsed */) parsed
where is_plain
    and not exists (from bulk_apart where short_key = hash_of('', '', message_id))
