-- Question: how many messages did each domain send, by UTC day or period?
-- Grain:    one row per source, tenant, period, domain, TLS version, auth protocol
select source, tenant, period_start, period_end, sender_domain, tls_version, auth_protocol,
    ahead_of_clock, message_count
from daily_by_domain
