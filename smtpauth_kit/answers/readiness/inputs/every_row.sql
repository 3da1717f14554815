-- Question: what did each sender send, by the one source that tells of it?
-- Grain:    one row per source, tenant, period, sender, TLS version, auth protocol
-- Reads:    asked_counts, told_by_source
select a.source, a.tenant, a.period_start, a.period_end, a.sender_key, a.sender_address,
    a.sender_domain, a.tls_version, a.auth_protocol, a.message_count
from asked_counts a
join told_by_source t on t.tenant = a.tenant and t.sender_key = a.sender_key
    and t.source = a.source
