-- Question: under which subjects did this sender send most?
-- Grain:    one row per subject, the most frequent first, 20 at most; subject_count is of them all
-- Reads:    counted_messages
select message_subject, cast(sum(message_count) as bigint) as message_count,
    min(period_start) as first_seen, max(period_end) as last_seen,
    cast(count(*) over () as bigint) as subject_count
from counted_messages
where message_subject <> ''
group by message_subject
order by message_count desc, last_seen desc, message_subject
limit 20
