-- Question: how did the rows of the file that is being loaded end, and which days are they of?
-- Grain:    one row
select
    coalesce(sum(row_count) filter (where ending = 'loaded'), 0)::bigint as rows_loaded,
    coalesce(sum(row_count) filter (where ending = 'duplicate'), 0)::bigint as rows_duplicate,
    coalesce(sum(row_count) filter (where ending = 'other'), 0)::bigint as rows_other,
    (select count(*) from staged_rejects) as rows_rejected,
    coalesce(sum(message_count) filter (where ending = 'loaded'), 0)::bigint as message_count,
    (select min(period_start) from spans) as period_start,
    (select max(period_end) from spans) as period_end
from row_ends
