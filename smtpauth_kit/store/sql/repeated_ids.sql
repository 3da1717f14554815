-- Message ids that stand in several staged rows which can hardly be one message's.
-- In:  staged_submissions. Out: one row: ids with different counts and the first one's line,
--      ids at times more than an hour apart and the first one's line.
with same as (
    select message_id, lower(sender_address) as sender, period_start, min(line) as line,
        any_value(source) = 'requested_report' and min(message_count) < max(message_count)
            as has_counts,
        coalesce(max(sent_at) - min(sent_at) > interval 1 hour, false) as is_apart
    from staged_submissions
    where message_id <> '' and network_message_id = '' and row_key = ''
    group by message_id, lower(sender_address), period_start
    having count(*) > 1
)
select count(*) filter (has_counts) as count_ids, min(line) filter (has_counts) as count_line,
    count(*) filter (is_apart) as apart_ids, min(line) filter (is_apart) as apart_line
from same
