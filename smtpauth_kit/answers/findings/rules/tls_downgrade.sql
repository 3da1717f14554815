-- Question: who went back to old TLS, or to none, after a time without?
-- Grain:    one row per account, From address and return after a clean stretch
-- Params:   those of `returns`
select tenant, subject_kind, subject, first_seen, last_seen, measured, expected, evidence_count,
    score, account_key, bad_count, clean_messages, clean_days, is_day
from returns
where kind = 'tls'
