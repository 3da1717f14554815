-- Question: which accounts does any source name for a message, or for a successful sign-in?
-- Grain:    one row per tenant and account
select tenant, account_key
from submissions
where account_key <> ''
union
select tenant, account_key
from sign_ins
where result = 'success'
