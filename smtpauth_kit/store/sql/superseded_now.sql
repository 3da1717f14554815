-- Question: how many senders of earlier reports does the file that is being loaded supersede with other
--           figures? (What only tells more of the same messages is nothing to be said.)
-- Grain:    one row: senders, and the paths of the earlier files
select count(distinct s.sender_id) as sender_count,
    string_agg(distinct f.path, ', ' order by f.path) as paths
from superseded x
join submission_rows s on s.file_id = x.file_id and s.row_key = x.row_key
join source_files f on f.file_id = x.file_id
where x.has_other_figures
