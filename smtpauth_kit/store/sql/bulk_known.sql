-- The messages that other files have: their key in 64 bits, and what a row of the same message
-- must say to be the same row, in 64 bits, too; null where only the usual way can tell.
-- Params: $source, $tenant, $first_day, $last_day. In: bulk_keys, submission_rows.
-- Out:    bulk_known.
create or replace temp table bulk_known as
select hash(message_id, key_id, period_start) as short_key, min(file_id) as of_file_id,
    case when count(*) = 1 then any_value(hash(
        sender_id, recipients, sent_at, tls_version, auth_protocol, client_ip, account_id
    )) end as told
from submission_rows
join bulk_keys on address_id = sender_id
where source = $source and tenant = $tenant and not is_settled and superseded_by is null
    and (duplicate_of is null or duplicate_of = file_id)
    and row_key = '' and network_message_id = ''
    and period_start between $first_day::date and $last_day::date
group by short_key
