-- Question: of which senders and periods do two sources count differently?
-- Grain:    one row per tenant, period and sender asked for
-- Reads:    asked_for
select tenant, period_start, period_end, sender_key, larger, smaller
from asked_for
where largest > smallest
