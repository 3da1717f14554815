-- Question: which days do the files of a source say something about?
-- Grain:    one row per tenant and period of a file
-- Params:   $source
select distinct tenant, period_start, period_end
from source_files
where source = $source and period_start is not null
order by tenant, period_start, period_end
