-- Question: which days have the periods that are reconciled?
-- Grain:    one row per tenant, period and day of it
-- Params:   $days (each as DAY|FIRST DAY|LAST DAY|TENANT)
select cast(substr(named, 1, 10) as date) as day,
    cast(substr(named, 12, 10) as date) as period_start,
    cast(substr(named, 23, 10) as date) as period_end, substr(named, 34) as tenant
from (select unnest($days) as named) as asked
