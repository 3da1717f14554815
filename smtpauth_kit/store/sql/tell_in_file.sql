-- In:  arrived, ranked. Out: arrived.
-- Several rows of one message in this file: it went to all their recipients, and each of its fields
-- is the first one that is known.
create or replace temp table told_in_file as
select k.key, list_filter(list_distinct(flatten(list(string_split(recipients, ';')))), lambda x: x <> '')
        as recipients,
    max(recipient_count) as recipient_count, max(message_count) as message_count,
    arg_min(tls_version, nth) filter (where tls_version <> 'unknown') as tls_version,
    arg_min(auth_protocol, nth) filter (where auth_protocol <> 'unknown') as auth_protocol,
    arg_min(client_ip, nth) filter (where client_ip <> '') as client_ip,
    arg_min(tls_cipher, nth) filter (where tls_cipher <> '') as tls_cipher,
    arg_min(message_subject, nth) filter (where message_subject <> '') as message_subject,
    arg_min(account_id, nth) filter (where account_id <> 0) as account_id
from arrived k join ranked using (rid)
where row_key = ''
group by k.key;

update arrived
set recipients = array_to_string(t.recipients, ';'),
    recipient_count = greatest(t.recipient_count, len(t.recipients)),
    message_count = t.message_count,
    tls_version = coalesce(t.tls_version, arrived.tls_version),
    auth_protocol = coalesce(t.auth_protocol, arrived.auth_protocol),
    client_ip = coalesce(t.client_ip, arrived.client_ip),
    tls_cipher = coalesce(t.tls_cipher, arrived.tls_cipher),
    message_subject = coalesce(t.message_subject, arrived.message_subject),
    account_id = coalesce(t.account_id, arrived.account_id)
from told_in_file t
where t.key = arrived.key;
