-- The messages of which the file has several rows: those are not just inserted either.
-- Params: $file_id. In: submission_rows, staged_submissions. Out: bulk_repeated.
create or replace temp table bulk_repeated as
select short_key
from (
    select hash_of('', '', message_id) as short_key from submission_rows where file_id = $file_id
    union all
    select hash_of(row_key, network_message_id, message_id) from staged_submissions
)
group by short_key having count(*) > 1
