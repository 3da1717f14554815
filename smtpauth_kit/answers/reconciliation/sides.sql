-- Question: how many messages of each sender does each source count in each period?
-- Grain:    one row per tenant, period, source and sender that it names
-- Reads:    day_counts, report_counts
select tenant, period_start, period_end, source, sender_key, sender_domain,
    max(sender_address) as sender_address,
    cast(sum(message_count) as bigint) as message_count
from day_counts
group by tenant, period_start, period_end, source, sender_key, sender_domain
union all
select tenant, period_start, period_end, source, sender_key, sender_domain, sender_address,
    message_count
from report_counts
