-- Question: what counts in the range, of every source that may tell of a sender?
-- Grain:    one row per source, tenant, period, sender, TLS version, auth protocol
-- Params:   $start, $end, $periods (of reports), $source, $sources, $others (also other sources)
select source, tenant, period_start, period_end, sender_key, sender_address, sender_domain,
    tls_version, auth_protocol, message_count
from daily_by_sender
where period_start >= $start
    and period_end <= $end
    and message_count > 0
    and (source <> 'report' or array_contains($periods,
        concat(tenant, '|', cast(period_start as string), '|', cast(period_end as string))))
    and ($others or source = $source or array_contains($sources, concat(tenant, '|', source)))
