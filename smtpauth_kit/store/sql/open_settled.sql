-- How the rows of files end, and which days they speak of, now that their lines were read together.
-- In: joined, rejected_rows, submission_rows, sign_in_rows. Out: source_files.
update source_files f
set rows_rejected = (select count(*) from rejected_rows r where r.file_id = f.file_id)
where file_id in (select file_id from joined);

update source_files f
set rows_other = rows_read - rows_loaded - rows_duplicate - rows_rejected
where file_id in (select file_id from joined);

update source_files f
set period_start = d.first_day, period_end = d.last_day
from (
    select j.file_id, min(r.first_day) as first_day, max(r.last_day) as last_day
    from (select distinct file_id from joined) j
    left join (
        select file_id, period_start as first_day, period_end as last_day from submission_rows
        union all
        select file_id, signed_in_at::date, signed_in_at::date from sign_in_rows
    ) r using (file_id)
    group by all
) d
where f.file_id = d.file_id;
