-- Question: which sources say who authenticated?
-- Grain:    one row per source that does
select distinct source from submissions where account <> ''
