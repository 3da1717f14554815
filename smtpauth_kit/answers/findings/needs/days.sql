-- Question: are enough days loaded for anything to be unusual?
-- Grain:    one row; a column for each need of a rule
select coalesce(max(last_day - first_day), -1) + 1 > 14 as days_of_messages,
    coalesce(max(last_sign_in_day - first_sign_in_day), -1) + 1 > 14 as days_of_sign_ins
from tenants
