-- Question: what did this sender send on each day or in each period?
-- Grain:    one row per period, TLS version, auth protocol
-- Reads:    counted_by_sender
select period_start, period_end,
    case when period_start = period_end then period_start end as report_date,
    tls_version, auth_protocol, cast(sum(message_count) as bigint) as message_count
from counted_by_sender
group by period_start, period_end, tls_version, auth_protocol
having sum(message_count) > 0
order by period_start, period_end, tls_version, auth_protocol
