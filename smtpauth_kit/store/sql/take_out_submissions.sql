-- Takes a file's submissions out, with the rows of other files that they decided about: the same
-- messages, and the same senders and periods of reports. Those are appended again, file by file.
-- Runs inside the unload's transaction.
-- In:  $file_id (that leaves; -1: none), joined (lines that other files tell more of, whose rows
--      leave too). Out: again, ends_before (how those rows counted so far), changed,
--      unsettled (the messages of other sources that it told something of).
create or replace temp table leaving_rows as
select rowid as rid from submission_rows where file_id = $file_id
union
select r.rowid from submission_rows r semi join joined using (file_id, line);

create or replace temp table leaving as
select distinct r.source, r.tenant, r.period_start, r.period_end, a.address_key as sender_key,
    r.message_id,
    key_of(r.row_key, r.network_message_id, r.message_id, a.address_key, r.period_start) as key
from submission_rows r
join addresses a on a.address_id = r.sender_id
where r.rowid in (from leaving_rows);

create or replace temp table touched as
select r.*, r.rowid as rid, s.address as sender_address, s.address_key as sender_key,
    a.address as account,
    key_of(r.row_key, r.network_message_id, r.message_id, s.address_key, r.period_start) as key
from submission_rows r
join addresses s on s.address_id = r.sender_id
join addresses a on a.address_id = r.account_id
where r.rowid not in (from leaving_rows)
    and (
        exists (
            select 1 from leaving x
            where x.source = r.source and x.tenant = r.tenant
                and x.key = key_of(
                    r.row_key, r.network_message_id, r.message_id, s.address_key, r.period_start
                )
        )
        -- The same message after midnight, or before it.
        or r.source = 'server_log' and r.row_key = '' and exists (
            select 1 from leaving x
            where x.source = 'server_log' and x.tenant = r.tenant and x.message_id = r.message_id
                and x.sender_key = s.address_key and r.message_id <> ''
                and x.period_start in (r.period_start - 1, r.period_start + 1)
        )
        or r.source = 'report' and exists (
            select 1 from leaving x
            where x.source = 'report' and x.tenant = r.tenant and x.sender_key = s.address_key
                and x.period_start = r.period_start and x.period_end = r.period_end
        )
    );

insert into changed
select source, tenant, period_start, period_end from leaving
union select source, tenant, period_start, period_end from touched;

-- What its own file said of a message counts here, not what was settled with the others.
create or replace temp table again as
select t.* exclude (sender_id, account_id, superseded_by, adds_recipients, duplicate_of, sender_key,
        is_settled, fields_from, line)
    replace (case when t.row_key like 'row:%' then regexp_replace(t.row_key, ':\d+$', '')
        else t.row_key end as row_key),
    coalesce(t.line, dense_rank() over (
        partition by t.file_id
        order by case when t.source = 'report' then t.key else lpad(t.rid::text, 20, '0') end
    )) as line,
    case when t.duplicate_of is null or t.duplicate_of = t.file_id then 'loaded'
        when t.adds_recipients then 'other' else 'duplicate' end as ending
from touched t
where not t.is_settled;

insert into ends_before
select file_id, ending, count(distinct line), sum(message_count) from again group by all
union all
select file_id,
    case when duplicate_of is null or duplicate_of = file_id then 'loaded'
        when adds_recipients then 'other' else 'duplicate' end as ending,
    count(distinct line), sum(message_count)
from (
    select distinct on (file_id, line) * from submission_rows
    where rowid in (from leaving_rows) and file_id <> $file_id and not is_settled
    order by file_id, line, duplicate_of nulls last
)
group by all;

delete from submission_rows
where rowid in (select rid from touched) or rowid in (from leaving_rows);

insert into unsettled
select distinct r.source, r.tenant,
    key_of(r.row_key, r.network_message_id, r.message_id, a.address_key, r.period_start)
from submission_rows r
join addresses a on a.address_id = r.sender_id
semi join leaving x on x.tenant = r.tenant and x.message_id = r.message_id
    and x.sender_key = a.address_key and x.period_start = r.period_start
where r.message_id <> '' and r.row_key = '' and not r.is_settled;
