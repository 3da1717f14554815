-- Question: how many messages are of days that were not over when the report was exported?
-- Grain:    one row per tenant, period and sender
-- Reads:    differing, report_files, day_counts
-- A date before the period began is a wrong clock's, and tells nothing.
select d.tenant, d.period_start, d.period_end, d.sender_key,
    cast(sum(k.message_count) as bigint) as late_count
from differing as d
join report_files as f
    on f.tenant = d.tenant and f.period_start = d.period_start and f.period_end = d.period_end
join day_counts as k
    on k.tenant = d.tenant and k.period_start = d.period_start and k.period_end = d.period_end
    and k.source = d.larger and k.sender_key = d.sender_key and k.day >= f.report_day
where d.smaller = 'report' and f.report_day >= d.period_start and f.report_day <= d.period_end
group by d.tenant, d.period_start, d.period_end, d.sender_key
