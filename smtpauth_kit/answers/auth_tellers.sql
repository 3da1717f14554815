-- Question: which sources say of a message whether it was Basic auth or OAuth?
-- Grain:    one row per source that does
select distinct source from daily_by_domain where auth_protocol <> 'unknown'
