-- What all rows of one message know of it together: rows of other files, and of other sources with
-- the same message id, sender and day. Known beats unknown; of two that are known, the source that
-- stands first in `ranks` counts, then the earliest event. So no order of loading matters.
-- A row that holds more than its own file said is settled; what its file said stands beside it, as
-- a duplicate of itself, to be there again when the other file is unloaded.
-- Runs at the end of each load and unload.
-- In:  unsettled, ranks, submission_rows. Out: submission_rows, changed, contradicted.
create or replace temp table own_rows as
select r.*, r.rowid as rid, a.address_key as sender_key, a.address as sender_text,
    key_of(r.row_key, r.network_message_id, r.message_id, a.address_key, r.period_start) as key,
    key as day_key
from submission_rows r
join addresses a on a.address_id = r.sender_id
where r.row_key = '' and not r.is_settled
    and (
        r.message_id in (
            select o.message_id from submission_rows o
            join addresses b on b.address_id = o.sender_id
            semi join unsettled u on u.source = o.source and u.tenant = o.tenant
                and u.key = key_of(
                    o.row_key, o.network_message_id, o.message_id, b.address_key, o.period_start)
            where o.row_key = '' and o.message_id <> ''
        )
        or key_of(r.row_key, r.network_message_id, r.message_id, a.address_key, r.period_start)
            in (select key from unsettled)
    );

-- What one of one's own servers took within an hour after another one, but after midnight, is of the
-- message of the day before.
create or replace temp table over_midnight as
with events as (
    select source, tenant, message_id, sender_key, period_start,
        min(sent_at) as first_at, max(sent_at) as last_at
    from own_rows
    where source = 'server_log' and network_message_id = '' and message_id <> ''
    group by all
)
select b.source, b.tenant, b.day_key, a.day_key as key
from (select *, key_of('', '', message_id, sender_key, period_start) as day_key from events) a
join (select *, key_of('', '', message_id, sender_key, period_start) as day_key from events) b
    using (source, tenant, message_id, sender_key)
where b.period_start = a.period_start + 1 and epoch(b.first_at) - epoch(a.last_at) <= 3600;

update own_rows r set key = m.key
from over_midnight m
where m.source = r.source and m.tenant = r.tenant and m.day_key = r.day_key;

create or replace temp table to_settle as
select distinct source, tenant, key from own_rows
where (source, tenant, day_key) in (select (source, tenant, key) from unsettled);

-- The row that counts of each message, as its own file has it.
create or replace temp table counting as
select * from own_rows where duplicate_of is null or duplicate_of = file_id;

-- Two of one message have counted where only a third event shows that they are one.
create or replace temp table surplus as
select rid, file_id, line, message_count, source, tenant, period_start, period_end, of_file_id
from (
    select *, first_value(file_id) over in_order as of_file_id, row_number() over in_order as nth
    from counting semi join to_settle using (source, tenant, key)
    window in_order as (partition by source, tenant, key order by file_id, rid)
)
where nth > 1;

update submission_rows r set duplicate_of = s.of_file_id from surplus s where r.rowid = s.rid;
insert into changed select source, tenant, period_start, period_end from surplus;
update source_files f set rows_loaded = rows_loaded - n.line_count,
    rows_duplicate = rows_duplicate + n.line_count, message_count = f.message_count - n.messages
from (
    select file_id, count(*) as line_count, sum(message_count) as messages
    from surplus group by file_id
) n
where f.file_id = n.file_id;
delete from counting where rid in (select rid from surplus);

-- An id that a source gives to several messages of a sender and day names none of them elsewhere.
create or replace temp table named_once as
select tenant, message_id, sender_key, period_start
from counting
where message_id <> ''
group by all
having count(*) = count(distinct source) and count(*) > 1;

create or replace temp table tellers as
select c.source, c.tenant, c.key, c.source as by_source, ranks.rank, o.* exclude (source, tenant, key, day_key, rid)
from counting c
semi join to_settle using (source, tenant, key)
join own_rows o using (source, tenant, key)
join ranks on ranks.source = o.source
union all by name
select c.source, c.tenant, c.key, o.source as by_source, ranks.rank, o.* exclude (source, tenant, key, day_key, rid)
from counting c
semi join to_settle using (source, tenant, key)
semi join named_once using (tenant, message_id, sender_key, period_start)
join own_rows o on o.tenant = c.tenant and o.message_id = c.message_id
    and o.sender_key = c.sender_key and o.period_start = c.period_start and o.source <> c.source
join ranks on ranks.source = o.source;

create or replace temp table settled_messages as
with ordered as (
    select *, row_number() over (
        partition by source, tenant, key
        order by by_source <> source, rank, sent_at nulls last, period_start, tls_version,
            auth_protocol, client_ip, account_id, recipients, sender_text, message_id
    ) as own_first, row_number() over (
        partition by source, tenant, key
        order by rank, sent_at nulls last, period_start, tls_version, auth_protocol, client_ip,
            account_id, recipients, sender_text, message_id
    ) as place
    from tellers
)
select source, tenant, key,
    arg_min(sent_at, own_first) filter (where sent_at is not null and by_source = source) as sent_at,
    arg_min(period_start, own_first) as period_start, arg_min(period_end, own_first) as period_end,
    arg_min(sender_id, own_first) as sender_id,
    arg_min(ahead_of_clock, own_first) as ahead_of_clock,
    max(message_count) filter (where by_source = source) as message_count,
    coalesce(arg_min(tls_version, place) filter (where tls_version <> 'unknown'), 'unknown')
        as tls_version,
    coalesce(arg_min(auth_protocol, place) filter (where auth_protocol <> 'unknown'), 'unknown')
        as auth_protocol,
    coalesce(arg_min(client_ip, place) filter (where client_ip <> ''), '') as client_ip,
    coalesce(arg_min(tls_cipher, place) filter (where tls_cipher <> ''), '') as tls_cipher,
    coalesce(arg_min(message_subject, place) filter (where message_subject <> ''), '')
        as message_subject,
    coalesce(arg_min(account_id, place) filter (where account_id <> 0), 0) as account_id,
    list_sort(list_filter(
        list_distinct(flatten(list(string_split(recipients, ';')))), lambda x: x <> ''
    )) as recipient_list,
    max(recipient_count) as told_count,
    concat_ws(
        ' ',
        nullif('tls_version=' || arg_min(by_source, place) filter (where tls_version <> 'unknown'),
            'tls_version=' || source),
        nullif('auth_protocol=' || arg_min(by_source, place) filter (where auth_protocol <> 'unknown'),
            'auth_protocol=' || source),
        nullif('client_ip=' || arg_min(by_source, place) filter (where client_ip <> ''),
            'client_ip=' || source),
        nullif('account=' || arg_min(by_source, place) filter (where account_id <> 0),
            'account=' || source),
        nullif('message_subject=' || arg_min(by_source, place) filter (where message_subject <> ''),
            'message_subject=' || source),
        case when coalesce(max(recipients) filter (where by_source = source), '') = ''
            then 'recipients=' || arg_min(by_source, place) filter (where recipients <> '') end
    ) as fields_from,
    count(distinct tls_version) filter (where tls_version <> 'unknown') > 1
        or count(distinct auth_protocol) filter (where auth_protocol <> 'unknown') > 1
        as is_contradicted
from ordered
group by source, tenant, key;

insert into contradicted
-- A message that several sources tell of is one.
select count(*) from (select distinct tenant, key from settled_messages where is_contradicted);

-- The rows as they are to be: settled where that says more than the row of its own file.
create or replace temp table resettled as
select c.* exclude (sender_key, sender_text, key, day_key, rid, recipients, recipient_count, duplicate_of, is_settled,
        sent_at, period_start, period_end, sender_id, ahead_of_clock, message_count, tls_version,
        auth_protocol, client_ip, account_id, fields_from, tls_cipher,
        message_subject),
    m.* exclude (source, tenant, recipient_list, told_count, is_contradicted),
    case when len(recipient_list) <= len(list_filter(string_split(c.recipients, ';'), lambda x: x <> ''))
        then c.recipients else array_to_string(recipient_list, ';') end as recipients,
    greatest(told_count, len(recipient_list)) as recipient_count,
    null::integer as duplicate_of, true as is_settled, c.rid
from settled_messages m
join counting c using (source, tenant, key);

create or replace temp table differing as
select r.rid
from resettled r
join counting c using (rid)
where r.sent_at is distinct from c.sent_at or r.period_start <> c.period_start
    or r.sender_id <> c.sender_id or r.message_count <> c.message_count
    or r.tls_version <> c.tls_version or r.auth_protocol <> c.auth_protocol
    or r.client_ip <> c.client_ip or r.account_id <> c.account_id
    or r.tls_cipher <> coalesce(c.tls_cipher, '')
    or r.message_subject <> coalesce(c.message_subject, '')
    or r.recipients <> c.recipients or r.recipient_count <> c.recipient_count;

create or replace temp table settled_before as
select r.rowid as rid, key_of(
        r.row_key, r.network_message_id, r.message_id, a.address_key, r.period_start) as key,
    r.source, r.tenant, r.period_start, r.period_end
from submission_rows r
join addresses a on a.address_id = r.sender_id
where r.is_settled
    and (r.source, r.tenant, key_of(
        r.row_key, r.network_message_id, r.message_id, a.address_key, r.period_start)) in (
        select (source, tenant, day_key) from own_rows semi join resettled using (source, tenant, key)
    );

insert into changed
select source, tenant, period_start, period_end from settled_before
union
select source, tenant, period_start, period_end from counting semi join differing using (rid)
union
select source, tenant, period_start, period_end from resettled semi join differing using (rid);

-- A row that is no longer settled counts as its own file has it; one that is, stands beside its own.
update submission_rows r set duplicate_of = case when r.rowid in (from differing) then r.file_id end
where r.rowid in (select rid from resettled);
delete from submission_rows where rowid in (select rid from settled_before);
insert into submission_rows by name
select * exclude (key, rid) from resettled semi join differing using (rid);

delete from unsettled;
