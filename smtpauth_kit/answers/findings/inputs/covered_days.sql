-- Question: which days does a file of the messages that count say something about?
-- Grain:    one row per tenant and day
with digits as (
    select 0 as n union all select 1 union all select 2 union all select 3 union all select 4
    union all select 5 union all select 6 union all select 7 union all select 8 union all select 9
), numbers as (
    select a.n + 10 * b.n + 100 * c.n + 1000 * d.n as n
    from digits a cross join digits b cross join digits c cross join digits d
), spans as (
    select distinct f.tenant, date_diff('day', date '1970-01-01', f.period_start) as low,
        date_diff('day', date '1970-01-01', f.period_end) as high
    from source_files f
    join counting_sources c on c.tenant = f.tenant and c.source = f.source
    where f.period_start is not null
), ends as (
    select tenant, min(first_day) as low, max(last_day) as high
    from place_spans
    group by tenant
)
select distinct s.tenant, s.low + n.n as day_number, (s.low + n.n + 3) % 7 as weekday
from spans s
join ends e on e.tenant = s.tenant
join numbers n on s.low + n.n <= s.high and s.low + n.n between e.low and e.high
