-- Question: which sources speak in each period?
-- Grain:    one row per tenant, period and source
-- Reads:    covered, report_counts
select distinct tenant, period_start, period_end, source
from covered
union all
select distinct tenant, period_start, period_end, source
from report_counts
