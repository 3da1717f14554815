-- The messages whose rows cannot just be inserted after all: the file has several rows of it, or
-- two messages have the same 64 bits. Params: $file_id.
-- In: bulk_keys, submission_rows, staged_submissions. Out: bulk_apart.
create or replace temp table bulk_apart as
with known as materialized (
    select duplicate_of, message_id, sender_id, period_start, recipients, sent_at, tls_version,
        auth_protocol, client_ip, account_id
    from submission_rows where file_id = $file_id and duplicate_of is not null
), others as (
    -- Of the other files those alone that have a message of this one: all rows of a large store
    -- would not fit in memory.
    select * from submission_rows where file_id in (select distinct duplicate_of from known)
)
select short_key
from (
    select hash(message_id, key_id, period_start) as short_key
    from submission_rows join bulk_keys on address_id = sender_id
    where file_id = $file_id
    union all
    select hash(message_id, key_id, period_start)
    from staged_submissions
    join addresses on address = sender_address
    join bulk_keys using (address_id)
    where row_key = ''
)
group by short_key having count(*) > 1
union
select hash(message_id, key_id, period_start)
from known n
join bulk_keys on address_id = sender_id
where not exists (
    from others o
    where o.file_id = n.duplicate_of and o.message_id = n.message_id
        and o.sender_id = n.sender_id and o.period_start = n.period_start
        and o.recipients = n.recipients and o.sent_at = n.sent_at
        and o.tls_version = n.tls_version and o.auth_protocol = n.auth_protocol
        and o.client_ip = n.client_ip and o.account_id = n.account_id
        and not o.is_settled and (o.duplicate_of is null or o.duplicate_of = o.file_id)
        and o.row_key = '' and o.network_message_id = ''
)
