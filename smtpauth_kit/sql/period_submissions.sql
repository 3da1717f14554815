-- Question: which days do the staged submissions speak of?
-- Grain:    one row
select min(period_start) as period_start, max(period_end) as period_end from staged_submissions
