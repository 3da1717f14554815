-- Question: how many accounts signed in, where only sign-ins are loaded?
-- Grain:    one row
-- Reads:    counted_sign_ins
select count(distinct account_key) as account_count from counted_sign_ins where result = 'success'
