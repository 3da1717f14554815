-- The plain rows, straight from the log into the store: those of messages that no other file has,
-- and those that another file has just so. Both by 64 bits: bulk_apart.sql looks at them again.
-- Params: $file_id, $source, $tenant.
-- In:     parsed, bulk_known. Out: submission_rows.
insert into submission_rows by name
select $file_id as file_id, $source as source, $tenant as tenant, sent_at,
    sent_at::date as period_start, sent_at::date as period_end,
    sender_id, false as sender_derived, account_id, tls_version, auth_protocol, client_ip,
    recipients, recipient_count, message_id, '' as network_message_id, 1 as message_count,
    false as tls_derived, false as ahead_of_clock,
    null as superseded_by, k.of_file_id as duplicate_of, false as adds_recipients,
    '' as session, '' as row_key
from (/* parsed */) parsed
left join bulk_known k on k.short_key = parsed.short_key
where is_plain
    and (k.short_key is null or k.told = hash(
        sender_id, recipients, sent_at, tls_version, auth_protocol, client_ip, account_id))
