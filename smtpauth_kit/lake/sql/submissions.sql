-- The messages of the chosen days: the kit's table submissions.
select k.trace_source_name as source, k.tenant, sent_at, day as period_start, day as period_end,
    sender_address, sender_key, sender_domain, false as sender_derived, '' as account,
    coalesce(tls.said, 'unknown') as tls_version, coalesce(cipher.said, '') as tls_cipher,
    'unknown' as auth_protocol, coalesce(ip.said, '') as client_ip, recipients,
    greatest(told_count, size(recipients)) as recipient_count, message_id, network_message_id,
    cast(1 as bigint) as message_count, day >= k.ahead_from as ahead_of_clock,
    coalesce(subject.said, '') as message_subject, table_name
from smtpauth_messages
where day between k.first_day and k.last_day
