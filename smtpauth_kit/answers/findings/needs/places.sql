-- Question: is it told from where accounts are used, on enough days for a network to be new?
-- Grain:    one row; a column for each need of a rule
select count(first_at) > 0 as used_addresses,
    coalesce(max(last_day) - min(first_day), -1) + 1 > 14 as days_of_use
from account_spans
