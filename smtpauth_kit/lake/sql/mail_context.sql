-- One row a recipient of a message known to be mail, not known to be SMTP AUTH: the kit's table
-- mail_context. Nothing of it is in any figure.
select k.mail_source as source, k.tenant, at as received_at, sender_address_shown as sender_address,
    sender_address_key as sender_key, sender_address_domain as sender_domain,
    recipient_shown as recipient_address, status, client_ip, connector, 'unknown' as tls_version,
    bare_id as message_id, bare_network_id as network_message_id,
    coalesce(day >= k.ahead_from, false) as ahead_of_clock,
    subject as message_subject
from smtpauth_mail_rows
where nth = 1 and day between k.first_day and k.last_day
