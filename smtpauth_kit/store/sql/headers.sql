-- Question: under which header, and as what, was each file loaded?
-- Grain:    one row per file
select file_id, path, format, tenant, header, period_start::text as start_day,
    period_end::text as end_day
from source_files
