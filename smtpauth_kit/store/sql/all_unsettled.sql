-- Every message that more than one row tells of: in other files, or in other sources.
-- In: submission_rows. Out: unsettled.
insert into unsettled
with named as (
    select r.source, r.tenant, r.file_id, r.message_id, a.address_key as sender_key, r.period_start,
        key_of(r.row_key, r.network_message_id, r.message_id, a.address_key, r.period_start) as key
    from submission_rows r
    join addresses a on a.address_id = r.sender_id
    where r.row_key = '' and not r.is_settled
)
select source, tenant, key from named group by all having count(distinct file_id) > 1
union
select n.source, n.tenant, n.key
from named n
join (
    select tenant, message_id, sender_key, period_start from named
    where message_id <> '' group by all having count(distinct source) > 1
) using (tenant, message_id, sender_key, period_start)
