-- Question: what did each sender send on each day or in each period, by TLS version and protocol?
-- Grain:    one row per period, report's tenant, sender, TLS version, auth protocol
-- Reads:    counted_by_sender
select period_start, period_end, case when source = 'report' then tenant end as report_of,
    max(sender_address) as sender_address, sender_domain,
    tls_version, auth_protocol, cast(sum(message_count) as bigint) as message_count
from counted_by_sender
group by period_start, period_end, case when source = 'report' then tenant end, sender_key,
    sender_domain, tls_version, auth_protocol
having sum(message_count) > 0
order by period_start, period_end, sender_address, tls_version, auth_protocol, report_of
