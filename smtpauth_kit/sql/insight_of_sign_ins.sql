-- Question: how many accounts signed in, where only sign-ins are loaded?
-- Grain:    one row
with counted as (/* counted_sign_ins */)
select count(distinct account_key) as account_count from counted where result = 'success'
