-- Staged rows of one file into one table of rows, each once. Runs inside the load's transaction.
-- In:  /* facts */. Out: /* rows */, row_ends, spans.
create or replace temp table arrived as
with keyed as (
    select *, row_number() over (partition by row_key order by line) as nth from /* facts */
), known as (
    select source, tenant, row_key, min(file_id) as duplicate_of from /* rows */
    where duplicate_of is null and row_key in (select row_key from /* facts */)
    group by all
)
select keyed.*, known.duplicate_of from keyed left join known using (source, tenant, row_key);

insert into /* rows */ by name select * exclude (nth) from arrived where nth = 1;

-- A line may hold several facts; it was loaded when one of them was new.
insert into row_ends
with lines as (
    select bool_or(nth = 1 and duplicate_of is null) as is_loaded from arrived group by line
)
select case when is_loaded then 'loaded' else 'duplicate' end, count(*), 0 from lines group by all;

insert into spans select min(/* day */)::date, max(/* day */)::date from arrived;
