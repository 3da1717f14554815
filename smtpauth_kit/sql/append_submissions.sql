-- Staged submissions of one file into the store, each row once. Runs inside the load's transaction.
-- In:  staged_submissions. Out: row_ends (ending, row_count, message_count), and the tables it fills.
-- Nearly every row of a usual file is new: only the exceptions are ranked, joined and kept apart.

create or replace temp table repeated as
select row_key from staged_submissions group by row_key having count(*) > 1;

-- A row without an id (`row:`) is told from an equal one only by how often it stands in its file.
-- nth: the rows of one message in this file. A trace keeps its earliest event, a log its first row.
create or replace temp table ranked as
with keyed as (
    select rowid as rid, * replace (
        case when row_key like 'row:%'
            then row_key || ':' || row_number() over (partition by row_key order by line)
            else row_key end as row_key
    )
    from staged_submissions
    where row_key in (select row_key from repeated)
), numbered as (
    select *, dense_rank() over (
        partition by row_key
        order by case when source = 'extended_trace' then sent_at end nulls first, line
    ) as nth
    from keyed
)
select rid, row_key, nth, row_number() over (
    partition by row_key, sent_at, recipients, tls_version, client_ip, auth_protocol, account,
        message_count
    order by nth
) > 1 as is_repeated
from numbered;

create or replace temp view keyed as
select s.rowid as rid, coalesce(r.nth, 1) as nth, coalesce(r.is_repeated, false) as is_repeated,
    s.* replace (
        coalesce(r.row_key, case when s.row_key like 'row:%' then s.row_key || ':1' else s.row_key end)
        as row_key
    )
from staged_submissions s
left join ranked r on r.rid = s.rowid;

create or replace temp table known as
select row_key, min(file_id) as of_file_id, list_distinct(flatten(list(recipients))) as recipients
from submissions
where superseded_by is null
    and source = (select any_value(source) from staged_submissions)
    and tenant = (select any_value(tenant) from staged_submissions)
    and period_start between (select min(period_start) - 1 from staged_submissions)
        and (select max(period_start) + 1 from staged_submissions)
    and row_key in (select row_key from keyed)
group by row_key;

create or replace temp table exceptions as
select k.rid, k.line, k.row_key, k.nth, k.message_count, known.of_file_id,
    case
        when known.row_key is not null and list_has_all(known.recipients, k.recipients)
            then 'duplicate'
        when known.row_key is not null then 'other'
        when k.is_repeated then 'duplicate'
        else 'other'
    end as ending
from keyed k
left join known on known.row_key = k.row_key
where known.row_key is not null or k.nth > 1;

create or replace temp table row_ends as
with ends as (
    select ending, line, message_count from exceptions
    union all
    select 'loaded', line, message_count from staged_submissions s
    where not exists (select 1 from exceptions e where e.rid = s.rowid)
)
select ending, count(distinct line) as row_count, sum(message_count)::hugeint as message_count
from ends group by ending;

-- Several rows of one message: it went to all their recipients.
create or replace temp table recipients_of as
select k.row_key, list_distinct(flatten(list(k.recipients))) as recipients
from keyed k
where k.row_key in (select row_key from ranked)
group by k.row_key having count(*) > 1;

insert into submissions by name
select k.* exclude (rid, nth, is_repeated)
    replace (
        coalesce(r.recipients, k.recipients) as recipients,
        greatest(k.recipient_count, len(coalesce(r.recipients, k.recipients))) as recipient_count
    )
from keyed k
left join recipients_of r on r.row_key = k.row_key
where not exists (select 1 from exceptions e where e.rid = k.rid);

insert into duplicate_rows by name
select e.of_file_id, k.* exclude (rid, nth, is_repeated)
    replace (coalesce(r.recipients, k.recipients) as recipients)
from exceptions e
join keyed k on k.rid = e.rid
left join recipients_of r on r.row_key = k.row_key
where e.of_file_id is not null and e.nth = 1;

update submissions s
set recipients = list_distinct(s.recipients || more.recipients),
    recipient_count = greatest(s.recipient_count, len(list_distinct(s.recipients || more.recipients)))
from (
    select k.source, k.tenant, k.row_key, list_distinct(flatten(list(k.recipients))) as recipients
    from keyed k
    join exceptions e on e.rid = k.rid
    where e.of_file_id is not null and e.ending = 'other'
    group by all
) more
where s.source = more.source and s.tenant = more.tenant and s.row_key = more.row_key
    and s.superseded_by is null;

-- A report of the same period with other figures for a sender: the later loaded one counts.
-- A row that does not state the protocol and one that does cannot both count.
create or replace temp table superseded as
select distinct s.file_id, s.row_key, n.file_id as by_file_id
from submissions s
join keyed n
    on n.source = 'report' and s.source = 'report'
    and s.tenant = n.tenant and s.sender_key = n.sender_key
    and s.period_start = n.period_start and s.period_end = n.period_end
    and (s.auth_protocol = n.auth_protocol or 'unknown' in (s.auth_protocol, n.auth_protocol))
where s.superseded_by is null and s.file_id <> n.file_id
    and not exists (select 1 from exceptions e where e.rid = n.rid)
    and s.row_key not in (select row_key from staged_submissions where source = 'report');

update submissions s set superseded_by = x.by_file_id
from superseded x
where s.file_id = x.file_id and s.row_key = x.row_key;

-- The rollups of the days and periods that changed, made anew from the rows that count.
create or replace temp table changed as
select distinct source, tenant, period_start, period_end from staged_submissions s
where not exists (select 1 from exceptions e where e.rid = s.rowid);

delete from daily_by_sender d
where exists (
    select 1 from changed c
    where c.source = d.source and c.tenant = d.tenant
        and c.period_start = d.period_start and c.period_end = d.period_end
);

insert into daily_by_sender by name
select s.source, s.tenant, s.period_start, s.period_end, s.sender_key,
    max(s.sender_address) as sender_address, s.sender_domain, s.tls_version, s.auth_protocol,
    s.ahead_of_clock, sum(s.message_count)::bigint as message_count
from submissions s
join changed c using (source, tenant, period_start, period_end)
where s.superseded_by is null
group by all
order by s.sender_key, s.period_start;

delete from daily_by_domain d
where exists (
    select 1 from changed c
    where c.source = d.source and c.tenant = d.tenant
        and c.period_start = d.period_start and c.period_end = d.period_end
);

insert into daily_by_domain by name
select source, tenant, period_start, period_end, sender_domain, tls_version, auth_protocol,
    ahead_of_clock, sum(message_count)::bigint as message_count
from daily_by_sender
join changed using (source, tenant, period_start, period_end)
group by all
order by sender_domain, period_start;

drop view keyed;
