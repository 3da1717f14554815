-- Question: which errors of a sign-in are a policy's?
-- Grain:    one row per error code
select distinct code as error_code
from known_sign_in_errors
where kind = 'policy'
