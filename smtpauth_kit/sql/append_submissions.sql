-- Staged submissions of one file into the store, each row once. Runs inside the load's transaction.
-- In:  staged_submissions. Out: row_ends (line, ending), and the tables it fills.

-- A row without an id is told from an equal one only by how often it stands in its file.
create or replace temp table keyed as
select * replace (
    case when row_key like 'row:%'
        then row_key || ':' || row_number() over (partition by row_key order by line)
        else row_key end as row_key
)
from staged_submissions;

-- nth: the rows of one message in this file. A trace keeps its earliest event, a log its first row.
create or replace temp table ranked as
with numbered as (
    select *, dense_rank() over (
        partition by row_key
        order by case when source = 'extended_trace' then sent_at end nulls first, line
    ) as nth
    from keyed
)
select *, row_number() over (
    partition by row_key, sent_at, recipients, tls_version, client_ip, auth_protocol, account,
        message_count
    order by nth
) > 1 as is_repeated
from numbered;

create or replace temp table known as
select row_key, min(file_id) as of_file_id, list_distinct(flatten(list(recipients))) as recipients
from submissions
where superseded_by is null
    and source = (select any_value(source) from ranked)
    and tenant = (select any_value(tenant) from ranked)
    and period_start between (select min(period_start) - 1 from ranked)
        and (select max(period_start) + 1 from ranked)
    and row_key in (select row_key from ranked)
group by row_key;

create or replace temp table ended as
select r.*, k.of_file_id,
    case
        when k.row_key is not null and list_has_all(k.recipients, r.recipients) then 'duplicate'
        when k.row_key is not null then 'other'
        when nth = 1 then 'loaded'
        when is_repeated then 'duplicate'
        else 'other'
    end as ending
from ranked r
left join known k on k.row_key = r.row_key;

create or replace temp table row_ends as
select line, any_value(ending) as ending, sum(message_count)::hugeint as message_count
from ended group by line;

create or replace temp table recipients_of as
select row_key, list_distinct(flatten(list(recipients))) as recipients
from ended group by row_key having count(*) > 1;

insert into submissions by name
select e.* exclude (nth, is_repeated, of_file_id, ending)
    replace (
        coalesce(r.recipients, e.recipients) as recipients,
        greatest(e.recipient_count, len(coalesce(r.recipients, e.recipients))) as recipient_count
    )
from ended e
left join recipients_of r on r.row_key = e.row_key
where ending = 'loaded';

insert into duplicate_rows by name
select e.* exclude (nth, is_repeated, ending)
    replace (coalesce(r.recipients, e.recipients) as recipients)
from ended e
left join recipients_of r on r.row_key = e.row_key
where of_file_id is not null and nth = 1;

update submissions s
set recipients = list_distinct(s.recipients || more.recipients),
    recipient_count = greatest(s.recipient_count, len(list_distinct(s.recipients || more.recipients)))
from (
    select source, tenant, row_key, list_distinct(flatten(list(recipients))) as recipients
    from ended where of_file_id is not null and ending = 'other' group by all
) more
where s.source = more.source and s.tenant = more.tenant and s.row_key = more.row_key;

-- A report of the same period with other figures for a sender: the later loaded one counts.
-- A row that does not state the protocol and one that does cannot both count.
create or replace temp table superseded as
select distinct s.file_id, s.row_key, n.file_id as by_file_id
from submissions s
join ended n
    on n.ending = 'loaded' and n.source = 'report' and s.source = 'report'
    and s.tenant = n.tenant and s.sender_key = n.sender_key
    and s.period_start = n.period_start and s.period_end = n.period_end
    and (s.auth_protocol = n.auth_protocol or 'unknown' in (s.auth_protocol, n.auth_protocol))
where s.superseded_by is null and s.file_id <> n.file_id
    and s.row_key not in (select row_key from ended);

update submissions s set superseded_by = x.by_file_id
from superseded x
where s.file_id = x.file_id and s.row_key = x.row_key;

-- The rollups of the days and periods that changed, made anew from the rows that count.
create or replace temp table changed as
select distinct source, tenant, period_start, period_end from ended where ending = 'loaded';

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
