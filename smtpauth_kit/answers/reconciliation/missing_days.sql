-- Question: which days of a period lie in no file of a source that speaks in it?
-- Grain:    one row per tenant, period, source and day; is_cut: because a file of it was cut off
-- Reads:    period_days, speaking, covered, cuts
select p.tenant, p.period_start, p.period_end, p.day, s.source,
    coalesce(p.day > f.end_day, false) or coalesce(p.day < f.start_day, false) as is_cut
from period_days as p
join speaking as s
    on s.tenant = p.tenant and s.period_start = p.period_start and s.period_end = p.period_end
left join covered as c
    on c.tenant = p.tenant and c.period_start = p.period_start and c.period_end = p.period_end
    and c.source = s.source and c.day = p.day
left join cuts as f
    on f.tenant = p.tenant and f.period_start = p.period_start and f.period_end = p.period_end
    and f.source = s.source
where s.source <> 'report' and c.day is null
