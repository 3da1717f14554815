-- How the rows of a file end now that another one is unloaded: a duplicate may have become the
-- message. In: $file_id, ends_before, row_ends. Out: source_files.
update source_files f
set rows_loaded = rows_loaded + d.loaded, rows_duplicate = rows_duplicate + d.duplicate,
    rows_other = rows_other + d.other, message_count = message_count + d.messages
from (
    select
        coalesce(sum(n) filter (where ending = 'loaded'), 0)::bigint as loaded,
        coalesce(sum(n) filter (where ending = 'duplicate'), 0)::bigint as duplicate,
        coalesce(sum(n) filter (where ending = 'other'), 0)::bigint as other,
        coalesce(sum(m) filter (where ending = 'loaded'), 0)::bigint as messages
    from (
        select ending, row_count as n, message_count as m from row_ends
        union all
        select ending, -row_count, -message_count from ends_before where file_id = $file_id
    )
) d
where f.file_id = $file_id
