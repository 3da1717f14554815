-- Question: which files tell of messages, and of which days?
-- Grain:    one row per file of a format that ever gave the tenant a message; exported_at: at the
--           latest, by the date of the file or by when it was loaded
-- A log of sign-ins alone covers no day of messages, whatever its source is called.
select f.file_id, f.source, f.tenant, f.period_start, f.period_end, f.rows_read,
    least(f.loaded_at, f.written_at) as exported_at
from source_files as f
join (
    select distinct tenant, source, format
    from source_files
    where message_count > 0
) as telling
    on telling.tenant = f.tenant and telling.source = f.source and telling.format = f.format
where f.period_start is not null
