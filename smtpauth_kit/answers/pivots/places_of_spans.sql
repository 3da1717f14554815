-- Question: from where was each account used in each sixty days, and where did it fail?
-- Grain:    as of account_spans, of all days. Days of use are bits (used_days_bits)
-- Reads:    account_spans
select tenant, account_key, client_ip, network, country, span, used_days_bits, message_count,
    success_count, failure_count + refused_count as failure_count, first_at,
    least(first_at, first_failed_at) as first_seen, greatest(last_at, last_failed_at) as last_seen
from account_spans
