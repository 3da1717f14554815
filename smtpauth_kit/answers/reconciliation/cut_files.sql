-- Question: which files have exactly as many rows as a portal gives at most?
-- Grain:    one row per file
-- Reads:    message_files
select file_id, source, tenant, period_start, period_end, rows_read
from message_files
where rows_read in (1000, 5000, 50000, 100000)
