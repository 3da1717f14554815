-- Question: which days and periods does each source have messages for, and what is known of them?
-- Grain:    one row per source, tenant and day or period
-- Reads:    loaded_days
select source, tenant, period_start, period_end, bool_and(ahead_of_clock) as ahead_of_clock,
    cast(sum(message_count) as bigint) as message_count,
    cast(sum(case when auth_protocol <> 'unknown' then message_count else 0 end) as bigint)
        as auth_known,
    cast(sum(case when tls_version <> 'unknown' then message_count else 0 end) as bigint)
        as tls_known
from loaded_days
group by source, tenant, period_start, period_end
order by source, tenant, period_start, period_end
