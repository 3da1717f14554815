-- Question: how many messages did each domain send, by the days of a time zone, or by period?
-- Grain:    one row per source, tenant, day there or period, domain, TLS version, auth protocol
-- Reads:    local_day_parts
select source, tenant, period_start, period_end, sender_domain, tls_version, auth_protocol,
    ahead_of_clock, cast(sum(message_count) as bigint) as message_count
from local_day_parts
group by source, tenant, period_start, period_end, sender_domain, tls_version, auth_protocol,
    ahead_of_clock
-- A day of UTC all of whose messages lie on another; but not a report that counts none.
having sum(message_count) > 0 or count(*) = 1
