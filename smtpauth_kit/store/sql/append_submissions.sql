-- Submissions of one file into the store, each row once.
-- In:  arrived, exceptions. Out: submission_rows, row_ends, spans, changed, unsettled.
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

insert into changed
select distinct source, tenant, period_start, period_end from arrived k
where not exists (select 1 from exceptions e where e.rid = k.rid);
