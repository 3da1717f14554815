-- The messages of one file that another source tells of too: the same id, sender and day.
-- Params: $file_id. In: submission_rows. Out: unsettled.
create or replace temp table told_here as
select distinct r.source, r.tenant, r.message_id, a.address_key as sender_key, r.period_start
from submission_rows r
join addresses a on a.address_id = r.sender_id
where r.file_id = $file_id and r.row_key = '' and r.message_id <> '' and not r.is_settled;

create or replace temp table told_there as
select distinct r.source, r.tenant, r.message_id, a.address_key as sender_key, r.period_start,
    key_of(r.row_key, r.network_message_id, r.message_id, a.address_key, r.period_start) as key
from submission_rows r
join addresses a on a.address_id = r.sender_id
semi join told_here h on h.tenant = r.tenant and h.message_id = r.message_id
    and h.sender_key = a.address_key and h.period_start = r.period_start
where r.row_key = '' and not r.is_settled;

insert into unsettled
select distinct t.source, t.tenant, t.key
from told_there t
join told_there o using (tenant, message_id, sender_key, period_start)
where o.source <> t.source;
