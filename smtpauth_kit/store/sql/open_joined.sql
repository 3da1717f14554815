-- The lines of the threads, of all files but the one that leaves.
-- In: $leaves (-1: none), threads, open_lines. Out: joined.
create or replace temp table joined as
select o.* from open_lines o
where o.file_id <> $leaves
    and exists (
        select 1 from threads t
        where t.tenant = o.tenant and t.format = o.format and t.thread in (o.thread, o.joins)
    );
