-- Staged submissions of one file into the store, each row once. Runs inside the load's transaction.
-- In:  staged_submissions, addresses with every address in it. Out: submission_rows, row_ends,
--      spans, changed, unsettled.
-- Nearly every row of a usual file is new: only the exceptions are ranked, joined and kept apart.
create or replace temp table arrived as
select row_number() over () as rid, s.*, a.address_id as sender_id, a.address_key as sender_key,
    b.address_id as account_id,
    key_of(s.row_key, network_message_id, message_id, a.address_key, period_start) as key,
    hash_of(s.row_key, network_message_id, message_id) as short_key
from staged_submissions s
join addresses a on a.address = s.sender_address
join addresses b on b.address = s.account;

-- A cut copy of a mail log lacks the message id: its message is known by its queue id.
update arrived k set row_key = '', message_id = r.message_id, sender_address = r.sender_address,
    sender_id = r.sender_id, sender_key = r.sender_key, key = r.key, short_key = r.short_key
from (
    select distinct on (tenant, session) tenant, session, message_id, sender_address, sender_id,
        sender_key, key, short_key
    from (
        select r.tenant, r.session, r.message_id, a.address as sender_address, r.sender_id,
            a.address_key as sender_key,
            key_of(r.row_key, r.network_message_id, r.message_id, a.address_key, r.period_start)
                as key,
            hash_of(r.row_key, r.network_message_id, r.message_id) as short_key
        from submission_rows r join addresses a on a.address_id = r.sender_id
        where r.session in (select row_key from arrived where row_key like 'queue:%')
        union all
        select tenant, session, message_id, sender_address, sender_id, sender_key, key, short_key
        from arrived where session like 'queue:%'
    )
) r
where k.row_key like 'queue:%' and k.row_key = r.session and k.tenant = r.tenant;

-- A message that one of one's own servers took before midnight and another one within an hour, but
-- after it, is one: it has the key of the day that is in the store, else of the first day.
create or replace temp table over_midnight as
with near as (
    select distinct tenant, message_id, sender_key, period_start, sent_at, false as is_stored
    from arrived
    where source = 'server_log' and row_key = '' and network_message_id = ''
        and message_id <> '' and hour(sent_at) in (0, 23)
), others as (
    select * from near
    union all
    select r.tenant, r.message_id, a.address_key, r.period_start, r.sent_at, true
    from submission_rows r
    join addresses a on a.address_id = r.sender_id
    where r.source = 'server_log' and r.row_key = '' and r.network_message_id = ''
        and r.message_id in (select message_id from near) and hour(r.sent_at) in (0, 23)
        and r.period_start between (select min(period_start) - 1 from near)
            and (select max(period_start) + 1 from near)
)
select n.tenant, n.message_id, n.sender_key, n.period_start,
    case when bool_or(o.is_stored) then any_value(o.period_start) filter (where o.is_stored)
        else least(n.period_start, min(o.period_start)) end as day
from near n
join others o using (tenant, message_id, sender_key)
where o.period_start in (n.period_start - 1, n.period_start + 1)
    and abs(epoch(o.sent_at) - epoch(n.sent_at)) <= 3600
group by n.tenant, n.message_id, n.sender_key, n.period_start;

update arrived k set key = key_of('', '', k.message_id, k.sender_key, m.day)
from over_midnight m
where k.source = 'server_log' and k.row_key = '' and k.network_message_id = ''
    and k.tenant = m.tenant and k.message_id = m.message_id and k.sender_key = m.sender_key
    and k.period_start = m.period_start
    and not exists (
        select 1 from submission_rows r
        join addresses a on a.address_id = r.sender_id
        where r.source = 'server_log' and r.tenant = k.tenant and r.message_id = k.message_id
            and a.address_key = k.sender_key and r.period_start = k.period_start
    );

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

-- nth: the rows of one message in this file, the earliest event first.
create or replace temp table ranked as
with numbered as (
    select *, dense_rank() over (partition by key order by sent_at nulls last, line) as nth
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

-- Several rows of one message in this file: it went to all their recipients, and each of its fields
-- is the first one that is known.
create or replace temp table told_in_file as
select k.key, list_filter(list_distinct(flatten(list(string_split(recipients, ';')))), lambda x: x <> '')
        as recipients,
    max(recipient_count) as recipient_count, max(message_count) as message_count,
    arg_min(tls_version, nth) filter (where tls_version <> 'unknown') as tls_version,
    arg_min(auth_protocol, nth) filter (where auth_protocol <> 'unknown') as auth_protocol,
    arg_min(client_ip, nth) filter (where client_ip <> '') as client_ip,
    arg_min(tls_cipher, nth) filter (where tls_cipher <> '') as tls_cipher,
    arg_min(message_subject, nth) filter (where message_subject <> '') as message_subject,
    arg_min(account_id, nth) filter (where account_id <> 0) as account_id
from arrived k join ranked using (rid)
where row_key = ''
group by k.key;

update arrived
set recipients = array_to_string(t.recipients, ';'),
    recipient_count = greatest(t.recipient_count, len(t.recipients)),
    message_count = t.message_count,
    tls_version = coalesce(t.tls_version, arrived.tls_version),
    auth_protocol = coalesce(t.auth_protocol, arrived.auth_protocol),
    client_ip = coalesce(t.client_ip, arrived.client_ip),
    tls_cipher = coalesce(t.tls_cipher, arrived.tls_cipher),
    message_subject = coalesce(t.message_subject, arrived.message_subject),
    account_id = coalesce(t.account_id, arrived.account_id)
from told_in_file t
where t.key = arrived.key;

insert into row_ends
with ends as (
    select ending, line, message_count from exceptions
    union all
    select 'loaded', line, message_count from arrived k
    where not exists (select 1 from exceptions e where e.rid = k.rid)
)
select ending, count(distinct line), sum(message_count)::hugeint from ends group by ending;

insert into spans select min(period_start), max(period_end) from arrived;

insert into submission_rows by name
select k.* exclude (rid, line, sender_address, sender_key, account, key, short_key)
    replace (case when k.row_key = '' then '' else k.key end as row_key),
    case when k.source = 'server_log' then k.line end as line,
    e.of_file_id as duplicate_of, coalesce(e.ending = 'other', false) as adds_recipients
from arrived k
left join exceptions e on e.rid = k.rid
where e.rid is null or (e.of_file_id is not null and e.nth = 1);

-- What several files say of one message is settled in settle_messages.sql.
insert into unsettled
select distinct k.source, k.tenant, k.key
from arrived k join exceptions e on e.rid = k.rid
where e.of_file_id is not null and k.row_key = '';

-- A report of the same period with other figures for a sender: the later loaded one counts, unless
-- both have the same messages and the earlier one knows more of them (TLS versions first, then
-- protocols): a view of a report that shows less never unlearns what another showed.
-- A row that does not state the protocol and one that does cannot both count.
create or replace temp table compared as
with theirs as (
    select s.file_id, s.row_key, s.tenant, a.address_key as sender_key, s.period_start, s.period_end,
        s.auth_protocol::text as auth_protocol, s.tls_version::text as tls_version, s.message_count
    from submission_rows s
    join addresses a on a.address_id = s.sender_id
    semi join (
        select tenant, sender_key, period_start, period_end from arrived where source = 'report'
    ) n on n.tenant = s.tenant and n.sender_key = a.address_key
        and n.period_start = s.period_start and n.period_end = s.period_end
    where s.source = 'report' and s.superseded_by is null and s.duplicate_of is null
        and s.file_id <> (select any_value(file_id) from arrived)
        and s.row_key not in (select row_key from arrived where source = 'report')
), ours as (
    select * from arrived k
    where source = 'report' and not exists (select 1 from exceptions e where e.rid = k.rid)
), same as (
    select distinct s.file_id, s.tenant, s.sender_key, s.period_start, s.period_end,
        s.row_key, n.row_key as by_row_key, n.file_id as by_file_id
    from theirs s
    join ours n using (tenant, sender_key, period_start, period_end)
    where s.auth_protocol = n.auth_protocol or 'unknown' in (s.auth_protocol, n.auth_protocol)
), known_by_theirs as (
    select s.file_id, s.tenant, s.sender_key, s.period_start, s.period_end,
        sum(message_count) as messages,
        coalesce(sum(message_count) filter (where tls_version <> 'unknown'), 0) as tls_known,
        coalesce(sum(message_count) filter (where auth_protocol <> 'unknown'), 0) as auth_known
    from theirs s
    where (file_id, row_key) in (select file_id, row_key from same)
    group by all
), known_by_ours as (
    select tenant, sender_key, period_start, period_end, sum(message_count) as messages,
        coalesce(sum(message_count) filter (where tls_version <> 'unknown'), 0) as tls_known,
        coalesce(sum(message_count) filter (where auth_protocol <> 'unknown'), 0) as auth_known
    from ours n
    where row_key in (select by_row_key from same)
    group by all
)
select same.*,
    t.messages = o.messages and (
        t.tls_known > o.tls_known or t.tls_known = o.tls_known and t.auth_known > o.auth_known
    ) as earlier_counts,
    t.messages <> o.messages or t.tls_known = o.tls_known and t.auth_known = o.auth_known
        as has_other_figures
from same
join known_by_theirs t using (file_id, tenant, sender_key, period_start, period_end)
join known_by_ours o using (tenant, sender_key, period_start, period_end);

create or replace temp table superseded as
select distinct file_id, row_key, by_file_id, has_other_figures
from compared where not earlier_counts;

update submission_rows s set superseded_by = x.by_file_id
from superseded x
where s.file_id = x.file_id and s.row_key = x.row_key and s.duplicate_of is null;

update submission_rows s set superseded_by = x.file_id
from (
    select by_row_key, by_file_id, min(file_id) as file_id
    from compared where earlier_counts group by all
) x
where s.file_id = x.by_file_id and s.row_key = x.by_row_key and s.duplicate_of is null;

insert into changed
select distinct source, tenant, period_start, period_end from arrived k
where not exists (select 1 from exceptions e where e.rid = k.rid);
