-- In:  arrived, exceptions, submission_rows. Out: submission_rows; compared, superseded.
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
