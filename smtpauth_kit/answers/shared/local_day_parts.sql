-- Question: what do the days of a time zone hold: which counts of UTC days, and what moves?
-- Grain:    one row per UTC day or period, domain, TLS version and auth protocol of a source, and
--           two per message that lies on another day there
-- Reads:    moved_messages
select source, tenant, period_start, period_end, period_start as utc_start, period_end as utc_end,
    sender_domain, tls_version, auth_protocol, ahead_of_clock, message_count
from daily_by_domain
union all
select source, tenant, day, day, utc_day, utc_day, sender_domain, tls_version, auth_protocol,
    ahead_of_clock, message_count
from moved_messages
