-- Question: how did the rows of the file that is being loaded end?
-- Grain:    one row
select
    count(*) filter (where ending = 'loaded') as rows_loaded,
    count(*) filter (where ending = 'duplicate') as rows_duplicate,
    count(*) filter (where ending = 'other') as rows_other,
    coalesce(sum(message_count) filter (where ending = 'loaded'), 0)::bigint as message_count
from row_ends
