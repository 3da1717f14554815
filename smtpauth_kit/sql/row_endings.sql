-- Question: how did the rows of the file that is being loaded end?
-- Grain:    one row
select
    coalesce(sum(row_count) filter (where ending = 'loaded'), 0)::bigint as rows_loaded,
    coalesce(sum(row_count) filter (where ending = 'duplicate'), 0)::bigint as rows_duplicate,
    coalesce(sum(row_count) filter (where ending = 'other'), 0)::bigint as rows_other,
    coalesce(sum(message_count) filter (where ending = 'loaded'), 0)::bigint as message_count
from row_ends
