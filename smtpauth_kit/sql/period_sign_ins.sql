-- Question: which UTC days do the staged sign-ins speak of?
-- Grain:    one row
select min(signed_in_at)::date as period_start, max(signed_in_at)::date as period_end
from staged_sign_ins
