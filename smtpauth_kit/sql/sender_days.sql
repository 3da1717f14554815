-- Question: what did this sender send on each day or in each period?
-- Grain:    one row per period, TLS version, auth protocol
with counted as (/* counted: daily_by_sender */)
select period_start, period_end,
    case when period_start = period_end then period_start end as report_date,
    tls_version, auth_protocol, sum(message_count)::bigint as message_count
from counted
group by period_start, period_end, tls_version, auth_protocol
having sum(message_count) > 0
order by period_start, period_end, tls_version, auth_protocol
