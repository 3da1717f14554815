-- What appending needs to know of the rows that were inserted straight away.
-- In: submission_rows. Out: row_ends, spans, changed.
create or replace temp table bulk_days as
select source, tenant, period_start, period_end, duplicate_of is not null as is_duplicate,
    count(*) as row_count
from submission_rows where file_id = /* file_id */ group by all;

insert into row_ends
select case when is_duplicate then 'duplicate' else 'loaded' end, sum(row_count), sum(row_count)
from bulk_days group by is_duplicate;
insert into spans select min(period_start), max(period_end) from bulk_days having count(*) > 0;
insert into changed
select source, tenant, period_start, period_end from bulk_days where not is_duplicate;
