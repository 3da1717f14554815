-- Question: which accounts signed in for the messages of a sender?
-- Grain:    one row per account that a source names; none of them is the sender's own where it is not
-- Params:   $tenant, $subject
-- Reads:    counting_rows
select distinct account_key
from counting_rows
where tenant = $tenant and sender_key = $subject and account_key <> ''
order by account_key
