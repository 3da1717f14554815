-- Question: how many messages are there of each sender, day, client and so on, but for those whole?
-- Grain:    one row per file, tenant, period, sender, account, TLS version, auth protocol, client IP
-- Params:   $whole_senders, $whole_ids, $whole_times: of what the rows are pulled as they are;
--           $first, $last
select file_id, source, tenant, period_start, period_end, sender_address, sender_key, sender_domain,
    sender_derived, account, account_key, tls_version, auth_protocol, client_ip, tls_derived,
    ahead_of_clock, cast(sum(message_count) as bigint) as message_count
from submissions
where superseded_by is null and period_start between $first and $last and not (
    array_contains($whole_senders, sender_key) or array_contains($whole_ids, message_id)
    or (sent_at is not null and array_contains($whole_times, cast(sent_at as string)))
)
group by file_id, source, tenant, period_start, period_end, sender_address, sender_key,
    sender_domain, sender_derived, account, account_key, tls_version, auth_protocol, client_ip,
    tls_derived, ahead_of_clock
