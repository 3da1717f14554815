-- Question: which messages, and counts of reports, are those of `every_row`?
-- Grain:    one row per message, or per count of a report
-- Params:   $start, $end, $periods (of reports)
-- Reads:    told_by_source
select s.source, s.tenant, s.period_start, s.period_end, s.sender_key, s.sender_domain,
    s.account_key, s.client_ip, s.tls_version, s.auth_protocol, s.recipients, s.recipient_count,
    s.message_count
from submissions s
join told_by_source t on t.tenant = s.tenant and t.sender_key = s.sender_key
    and t.source = s.source
where s.superseded_by is null
    and s.period_start >= $start
    and s.period_end <= $end
    and (s.source <> 'report' or array_contains($periods,
        concat(s.tenant, '|', cast(s.period_start as string), '|', cast(s.period_end as string))))
