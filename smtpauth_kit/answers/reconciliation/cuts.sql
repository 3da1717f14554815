-- Question: in which periods does such a file end, or begin, before the period does?
-- Grain:    one row per tenant, period and source; the rows of a trace may be newest first, so what
--           is cut off may be its oldest
-- Reads:    period_days, cut_files
select p.tenant, p.period_start, p.period_end, f.source, max(f.rows_read) as cut_rows,
    min(case when f.period_end <= p.period_end then f.period_end end) as end_day,
    max(case when f.period_start > p.period_start then f.period_start end) as start_day
from (select distinct tenant, period_start, period_end from period_days) as p
join cut_files as f
    on f.tenant = p.tenant and f.period_start <= p.period_end and f.period_end >= p.period_start
where f.period_end <= p.period_end or f.period_start > p.period_start
group by p.tenant, p.period_start, p.period_end, f.source
