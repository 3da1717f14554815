-- Question: which files were loaded, recognised as what, and how did their rows end?
-- Grain:    one row per file, in the order of loading
select file_id, loaded_at, path, format, 'loaded' as status, rows_read, rows_loaded,
    rows_duplicate, rows_rejected, rows_other, message_count, period_start, period_end, warnings,
    why, tenant
from source_files
order by file_id
