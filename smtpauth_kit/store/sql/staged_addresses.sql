-- Question: which forms of addresses are staged that the store does not know yet?
-- Grain:    one row per form
select sender_address as address from staged_submissions
union
select account from staged_submissions
union
select account from staged_smtp_sessions
except
select address from addresses
