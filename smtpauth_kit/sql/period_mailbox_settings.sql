-- Question: which days do the staged settings speak of?
-- Grain:    one row
select min(day) as period_start, max(day) as period_end from staged_mailbox_settings
