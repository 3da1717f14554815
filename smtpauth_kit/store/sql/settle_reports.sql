-- Two exports of one report and period with the same messages of a sender, of which the one that
-- counts tells the TLS versions and the other one the protocols: together they tell both, where one
-- of them has a single version or a single protocol. Where both are mixed nobody knows which
-- messages of a version had which protocol: the TLS versions count, and no protocol is made up.
-- Such rows are settled; what the file itself said stands beside them, as in settle_messages.sql.
-- Runs after append_reports.sql.
-- In:  compared, submission_rows. Out: submission_rows.
create or replace temp table report_pairs as
select distinct tenant, sender_key, period_start, period_end,
    case when earlier_counts then file_id else by_file_id end as winner,
    case when earlier_counts then by_file_id else file_id end as loser
from compared;

create or replace temp table report_rows as
select r.*, r.rowid as rid, a.address_key as sender_key,
    count(distinct r.tls_version) over of_sender as version_count,
    count(distinct r.auth_protocol) over of_sender as protocol_count,
    bool_or(r.auth_protocol = 'unknown') over of_sender as lacks_protocol,
    bool_or(r.tls_version = 'unknown') over of_sender as lacks_version,
    sum(r.message_count) over of_sender as messages
from submission_rows r
join addresses a on a.address_id = r.sender_id
semi join (
    select tenant, sender_key, period_start, period_end, winner as file_id from report_pairs
    union
    select tenant, sender_key, period_start, period_end, loser from report_pairs
) p on p.tenant = r.tenant and p.sender_key = a.address_key
    and p.period_start = r.period_start and p.period_end = r.period_end and p.file_id = r.file_id
where r.source = 'report' and r.duplicate_of is null and r.message_count > 0
window of_sender as (partition by r.file_id, r.tenant, a.address_key, r.period_start, r.period_end);

create or replace temp table report_matches as
select w.rid, l.auth_protocol as known_protocol, least(w.message_count, l.messages_of) as known_count
from report_pairs p
join report_rows w on w.file_id = p.winner and w.tenant = p.tenant and w.sender_key = p.sender_key
    and w.period_start = p.period_start and w.period_end = p.period_end
join (
    select file_id, tenant, sender_key, period_start, period_end, auth_protocol, superseded_by,
        any_value(messages) as messages, any_value(protocol_count) as protocol_count,
        any_value(lacks_protocol) as lacks_protocol, sum(message_count)::bigint as messages_of
    from report_rows
    group by all
) l on l.file_id = p.loser and l.tenant = p.tenant and l.sender_key = p.sender_key
    and l.period_start = p.period_start and l.period_end = p.period_end
    and l.superseded_by = p.winner
where w.superseded_by is null and w.protocol_count = 1 and w.lacks_protocol
    and l.messages = w.messages and not l.lacks_protocol
    and (l.protocol_count = 1 or w.version_count = 1 and not w.lacks_version);

insert into submission_rows by name
select w.* exclude (
        rid, sender_key, version_count, protocol_count, lacks_protocol, lacks_version, messages
    ) replace (
        m.known_protocol as auth_protocol, m.known_count as message_count, true as is_settled
    )
from report_rows w
join report_matches m using (rid);

update submission_rows set duplicate_of = file_id
where rowid in (select rid from report_matches);
