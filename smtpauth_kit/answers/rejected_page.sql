-- Question: which rows of one file were not loaded, and why?
-- Grain:    one row per rejected row, in the order of the file
-- Params:   $file_id, $limit, $offset
select line, reason, raw
from rejected_rows
where file_id = $file_id
order by line
limit $limit offset $offset
