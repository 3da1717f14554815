-- Question: how many messages of each day, or of each report's period, went over each TLS version?
-- Grain:    one row per period_start, period_end, tls_version
-- Reads:    counted
select period_start, period_end, tls_version, cast(sum(message_count) as bigint) as message_count
from counted
group by period_start, period_end, tls_version
having sum(message_count) > 0
order by period_start, period_end, tls_version
