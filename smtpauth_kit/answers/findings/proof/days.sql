-- Question: how much did the subject of a finding do on each day around it, and what is usual?
-- Grain:    one row per covered day from $from_number to $to_number (days since 1970); what is
--           usual is learned from all other covered days of the same weekday since the subject's
--           first one, those within three days of the finding left out: from the lowest to the
--           highest of them, of ten or more without the lowest and the highest tenth
-- Params:   $tenant, $first_number, $last_number, $from_number, $to_number
-- Reads:    happened, proof_sources
with digits as (
    select 0 as n union all select 1 union all select 2 union all select 3 union all select 4
    union all select 5 union all select 6 union all select 7 union all select 8 union all select 9
), numbers as (
    select a.n + 10 * b.n + 100 * c.n + 1000 * d.n as n
    from digits a cross join digits b cross join digits c cross join digits d
), spans as (
    select distinct date_diff('day', date '1970-01-01', f.period_start) as low,
        date_diff('day', date '1970-01-01', f.period_end) as high
    from source_files f
    join proof_sources p on p.tenant = f.tenant and p.source = f.source
    where f.tenant = $tenant and f.period_start is not null
), covered as (
    select distinct s.low + n.n as day_number
    from spans s
    join numbers n on s.low + n.n <= s.high
), done as (
    select c.day_number, (c.day_number + 3) % 7 as weekday,
        coalesce(h.message_count, 0) as message_count,
        coalesce(h.success_count, 0) as success_count,
        coalesce(h.failure_count, 0) as failure_count
    from covered c
    left join happened h on h.day_number = c.day_number
), begun as (
    select min(day_number) as first_number from happened
), others as (
    select d.weekday, d.message_count + d.success_count + d.failure_count as n,
        row_number() over (
            partition by d.weekday
            order by d.message_count + d.success_count + d.failure_count, d.day_number
        ) as place,
        count(*) over (partition by d.weekday) as day_count
    from done d
    cross join begun b
    where d.day_number >= b.first_number
        and (d.day_number < $first_number - 3 or d.day_number > $last_number + 3)
), usual as (
    select weekday,
        min(case when place > floor(day_count / 10) then n end) as low,
        max(case when place <= day_count - floor(day_count / 10) then n end) as high
    from others
    group by weekday
)
select d.day_number, d.message_count, d.success_count, d.failure_count,
    cast(u.low as bigint) as low, cast(u.high as bigint) as high
from done d
left join usual u on u.weekday = d.weekday
where d.day_number between $from_number and $to_number
order by d.day_number
