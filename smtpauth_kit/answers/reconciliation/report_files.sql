-- Question: when was the report of a period exported last, and was it cut?
-- Grain:    one row per tenant and period; report_day: the UTC day, at the latest
-- Reads:    period_days, message_files
select p.tenant, p.period_start, p.period_end, cast(max(f.exported_at) as date) as report_day,
    max(case when f.rows_read in (1000, 5000, 50000, 100000) then f.rows_read end) as cut_rows
from (select distinct tenant, period_start, period_end from period_days) as p
join message_files as f
    on f.tenant = p.tenant and f.period_start = p.period_start and f.period_end = p.period_end
where f.source = 'report'
group by p.tenant, p.period_start, p.period_end
