-- Rows that are not simply new: their message is in the store, or earlier in the file.
-- In:  arrived, ranked, submission_rows, addresses. Out: exceptions.
create or replace temp table known as
select key_of(r.row_key, r.network_message_id, r.message_id, a.address_key, r.period_start) as key,
    min(coalesce(r.duplicate_of, r.file_id)) as of_file_id, list_distinct(flatten(list(string_split(r.recipients, ';'))))
        as recipients
from submission_rows r
join addresses a on a.address_id = r.sender_id
where r.superseded_by is null
    and r.source = (select any_value(source) from arrived)
    and r.tenant = (select any_value(tenant) from arrived)
    and r.period_start between (select min(period_start) - 1 from arrived)
        and (select max(period_start) + 1 from arrived)
    and hash_of(r.row_key, r.network_message_id, r.message_id) in (select short_key from arrived)
group by 1
having key in (select key from arrived);

create or replace temp table exceptions as
select k.rid, k.line, k.key, coalesce(r.nth, 1) as nth, k.message_count, known.of_file_id,
    case
        when known.key is null then case when r.is_repeated then 'duplicate' else 'other' end
        when list_has_all(known.recipients, string_split(k.recipients, ';')) then 'duplicate'
        else 'other'
    end as ending
from arrived k
left join ranked r on r.rid = k.rid
left join known on known.key = k.key
where known.key is not null or coalesce(r.nth, 1) > 1;
