-- Question: how many accounts of each tenant signed in?
-- Grain:    one row per tenant with a sign-in in the range
-- Reads:    counted_sign_ins
select tenant,
    count(distinct case when result = 'success' then account_key end) as account_count
from counted_sign_ins
group by tenant
