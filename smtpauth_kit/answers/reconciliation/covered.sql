-- Question: which days of the periods does each source say something about?
-- Grain:    one row per tenant, period, day and source that counts messages day by day
-- Params:   $compared
-- Reads:    period_days, message_files
select distinct p.tenant, p.period_start, p.period_end, p.day, f.source
from period_days as p
join message_files as f
    on f.tenant = p.tenant and p.day >= f.period_start and p.day <= f.period_end
where f.source <> 'report' and array_contains($compared, f.source)
