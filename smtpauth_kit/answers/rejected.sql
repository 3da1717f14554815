-- Question: which rows were not loaded, and why?
-- Grain:    one row per rejected row
select r.file_id, f.path, r.line, r.reason, r.raw
from rejected_rows r
join source_files f on f.file_id = r.file_id
order by r.file_id, r.line
