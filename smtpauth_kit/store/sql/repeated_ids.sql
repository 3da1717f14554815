-- Message ids that stand in several staged rows which can hardly be one message's, or in a staged
-- row and in one of another file of the same source and tenant. A row of the store that is settled
-- has the time of its earliest event.
-- In:  staged_submissions, submission_rows. Out: one row: ids with different counts and the first
--      one's line; ids at times more than an hour apart and the first one's line; the same of ids
--      that are so far apart only from a row of another file.
with named as (
    select message_id, lower(sender_address) as sender, period_start, tenant, source,
        min(line) as line,
        any_value(source) = 'requested_report' and min(message_count) < max(message_count) as has_counts,
        min(sent_at) as first_at, max(sent_at) as last_at
    from staged_submissions
    where message_id <> '' and network_message_id = '' and row_key = ''
    group by all
), stored as (
    select r.message_id, a.address_key as sender, r.period_start, r.tenant, r.source,
        min(r.sent_at) as first_at, max(r.sent_at) as last_at
    from submission_rows r
    join addresses a on a.address_id = r.sender_id
    where r.message_id in (select message_id from named) and r.message_id <> ''
        and r.network_message_id = '' and r.row_key = ''
        and r.period_start between (select min(period_start) from named)
            and (select max(period_start) from named)
    group by all
), same as (
    select n.line, n.has_counts,
        coalesce(n.last_at - n.first_at > interval 1 hour, false) as is_apart,
        coalesce(greatest(n.last_at, s.last_at) - least(n.first_at, s.first_at)
            > interval 1 hour, false) as is_apart_of_stored
    from named n
    left join stored s using (message_id, sender, period_start, tenant, source)
)
select count(*) filter (has_counts) as count_ids, min(line) filter (has_counts) as count_line,
    count(*) filter (is_apart) as apart_ids, min(line) filter (is_apart) as apart_line,
    count(*) filter (is_apart_of_stored and not is_apart) as stored_ids,
    min(line) filter (is_apart_of_stored and not is_apart) as stored_line
from same
