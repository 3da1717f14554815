-- Question: which sources say of any sign-in that it succeeded?
-- Grain:    one row per source that does
select distinct source from sign_ins where result = 'success'
