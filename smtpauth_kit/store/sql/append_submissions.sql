-- Staged submissions of one file into the store, each row once. Runs inside the load's transaction.
-- In:  staged_submissions, addresses with every address in it. Out: submission_rows, row_ends,
--      spans, changed.
-- Nearly every row of a usual file is new: only the exceptions are ranked, joined and kept apart.
create or replace temp table arrived as
select row_number() over () as rid, s.*, a.address_id as sender_id, a.address_key as sender_key,
    b.address_id as account_id,
    key_of(s.row_key, network_message_id, message_id, a.address_key, period_start) as key,
    hash_of(s.row_key, network_message_id, message_id) as short_key
from staged_submissions s
join addresses a on a.address = s.sender_address
join addresses b on b.address = s.account;

create or replace temp table repeated as
select key from arrived group by key having count(*) > 1;

-- A row without an id (`row:`) is told from an equal one only by how often it stands in its file.
update arrived set row_key = key || ':1', key = key || ':1', short_key = hash(key || ':1')
where key like 'row:%' and key not in (from repeated);
update arrived set row_key = n.key, key = n.key, short_key = hash(n.key)
from (
    select rid, key || ':' || row_number() over (partition by key order by line) as key
    from arrived where key like 'row:%' and key in (from repeated)
) n
where arrived.rid = n.rid;

-- nth: the rows of one message in this file. A trace keeps its earliest event, a log its first row,
-- a requested report the first of those with the largest count.
create or replace temp table ranked as
with numbered as (
    select *, dense_rank() over (
        partition by key
        order by case when source = 'extended_trace' then sent_at end nulls first,
            case when source = 'requested_report' then -message_count end nulls first, line
    ) as nth
    from arrived
    where key in (from repeated)
)
select rid, key, nth, row_number() over (
    partition by key, sent_at, recipients, tls_version, client_ip, auth_protocol, account_id,
        message_count
    order by nth
) > 1 as is_repeated
from numbered;

create or replace temp table known as
select key_of(r.row_key, r.network_message_id, r.message_id, a.address_key, r.period_start) as key,
    min(r.file_id) as of_file_id, list_distinct(flatten(list(string_split(r.recipients, ';'))))
        as recipients
from submission_rows r
join addresses a on a.address_id = r.sender_id
where r.duplicate_of is null and r.superseded_by is null
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

insert into row_ends
with ends as (
    select ending, line, message_count from exceptions
    union all
    select 'loaded', line, message_count from arrived k
    where not exists (select 1 from exceptions e where e.rid = k.rid)
)
select ending, count(distinct line), sum(message_count)::hugeint from ends group by ending;

insert into spans select min(period_start), max(period_end) from arrived;

-- Several rows of one message: it went to all their recipients.
create or replace temp table recipients_of as
select key, list_distinct(flatten(list(string_split(recipients, ';')))) as recipients
from arrived
where key in (select key from ranked)
group by key having count(*) > 1;

insert into submission_rows by name
select k.* exclude (rid, line, sender_address, sender_key, account, key, short_key)
    replace (
        case when r.key is null then k.recipients
            else array_to_string(list_filter(r.recipients, lambda x: x <> ''), ';') end as recipients,
        case when r.key is null then k.recipient_count
            else greatest(k.recipient_count, len(list_filter(r.recipients, lambda x: x <> '')))
            end as recipient_count,
        case when k.row_key = '' then '' else k.key end as row_key
    ),
    e.of_file_id as duplicate_of, coalesce(e.ending = 'other', false) as adds_recipients
from arrived k
left join exceptions e on e.rid = k.rid
left join recipients_of r on r.key = k.key
where e.rid is null or (e.of_file_id is not null and e.nth = 1);

-- Recipients that another file adds to a message. The first file's own row is kept beside it, to
-- be there again when the other file is unloaded.
create or replace temp table added as
select k.source, k.tenant, k.key, any_value(e.of_file_id) as of_file_id,
    list_distinct(flatten(list(string_split(k.recipients, ';')))) as recipients
from arrived k
join exceptions e on e.rid = k.rid
where e.of_file_id is not null and e.ending = 'other'
group by all;

create or replace temp table owners as
select r.*, added.key, added.recipients as more
from submission_rows r
join addresses a on a.address_id = r.sender_id
join added on added.source = r.source and added.tenant = r.tenant
    and added.key
        = key_of(r.row_key, r.network_message_id, r.message_id, a.address_key, r.period_start)
where r.file_id = added.of_file_id and r.superseded_by is null;

insert into submission_rows by name
select * exclude (key, more) replace (file_id as duplicate_of) from owners o
where duplicate_of is null
    and not exists (select 1 from owners c where c.key = o.key and c.duplicate_of is not null);

update submission_rows r
set recipients = array_to_string(list_distinct(string_split(r.recipients, ';') || o.more), ';'),
    recipient_count
        = greatest(r.recipient_count, len(list_distinct(string_split(r.recipients, ';') || o.more)))
from (from owners where duplicate_of is null) o
where r.file_id = o.file_id and r.duplicate_of is null and r.superseded_by is null
    and r.row_key = o.row_key and r.network_message_id = o.network_message_id
    and r.message_id = o.message_id and r.sender_id = o.sender_id
    and r.period_start = o.period_start;

-- A report of the same period with other figures for a sender: the later loaded one counts.
-- A row that does not state the protocol and one that does cannot both count.
create or replace temp table superseded as
select distinct s.file_id, s.row_key, n.file_id as by_file_id
from submission_rows s
join addresses a on a.address_id = s.sender_id
join arrived n
    on n.source = 'report' and s.source = 'report'
    and s.tenant = n.tenant and a.address_key = n.sender_key
    and s.period_start = n.period_start and s.period_end = n.period_end
    and (s.auth_protocol::text = n.auth_protocol
        or 'unknown' in (s.auth_protocol::text, n.auth_protocol))
where s.superseded_by is null and s.duplicate_of is null and s.file_id <> n.file_id
    and not exists (select 1 from exceptions e where e.rid = n.rid)
    and s.row_key not in (select row_key from arrived where source = 'report');

update submission_rows s set superseded_by = x.by_file_id
from superseded x
where s.file_id = x.file_id and s.row_key = x.row_key and s.duplicate_of is null;

insert into changed
select distinct source, tenant, period_start, period_end from arrived k
where not exists (select 1 from exceptions e where e.rid = k.rid);
