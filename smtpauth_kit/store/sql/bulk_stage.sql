-- The plain rows of messages that stand apart, with their lines: the usual way decides about them.
-- Params: $file_id, $source, $tenant, $is_known (true: what another file has in other words;
--         false: the others of bulk_apart). In: parsed, bulk_known, bulk_apart.
-- Out:    staged_submissions.
insert into staged_submissions by name
select line, $file_id as file_id, $source as source, $tenant as tenant, sent_at,
    sent_at::date as period_start, sent_at::date as period_end,
    s.address as sender_address, false as sender_derived, a.address as account,
    tls_version::text as tls_version, auth_protocol::text as auth_protocol, client_ip,
    recipients, recipient_count, message_id, '' as network_message_id, 1 as message_count,
    false as tls_derived, false as ahead_of_clock, '' as session, '' as row_key
from (/* parsed */) parsed
join addresses s on s.address_id = sender_id
join addresses a on a.address_id = account_id
left join bulk_known k on k.short_key = parsed.short_key
where is_plain
    and $is_known = (
        k.short_key is not null and k.told is distinct from hash(
        sender_id, recipients, sent_at, tls_version, auth_protocol, client_ip, account_id)
    )
    and ($is_known or exists (from bulk_apart b where b.short_key = parsed.short_key))
