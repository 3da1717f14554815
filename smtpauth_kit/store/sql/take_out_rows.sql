-- Takes a file's rows out of one table of rows, with the rows of other files that they decided
-- about: those are appended again, file by file. Runs inside the unload's transaction.
-- In:  $file_id (that leaves; -1: none), joined (lines that other files tell more of, whose rows
--      leave too), /* rows */. Out: again, ends_before (how those rows counted so far).
create or replace temp table leaving_rows as
select rowid as rid from /* rows */ where file_id = $file_id
union
select r.rowid from /* rows */ r semi join joined using (file_id, line);

create or replace temp table again as
select r.file_id, r.line from /* rows */ r
where r.rowid not in (from leaving_rows)
    and exists (
        select 1 from /* rows */ f
        where f.rowid in (from leaving_rows) and f.source = r.source and f.tenant = r.tenant
            and f.row_key = r.row_key
    );

insert into ends_before
with lines as (
    select file_id, bool_or(duplicate_of is null) as is_loaded
    from /* rows */ r
    where file_id <> $file_id
        and (
            (file_id, line) in (select file_id, line from again)
            or (file_id, line) in (select file_id, line from joined)
        )
    group by file_id, line
)
select file_id, case when is_loaded then 'loaded' else 'duplicate' end, count(*), 0
from lines group by all;

-- A line with several facts is decided about as one: its other facts come along.
create or replace temp table again as
select r.* exclude (duplicate_of), r.rowid as rid from /* rows */ r
semi join again using (file_id, line)
where r.rowid not in (from leaving_rows);

delete from /* rows */
where rowid in (select rid from again) or rowid in (from leaving_rows);
