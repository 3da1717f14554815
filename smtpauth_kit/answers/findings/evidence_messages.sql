-- Question: which messages prove a finding?
-- Grain:    one row per message, or count of a day, in order of time
-- Params:   $tenant, $kind, $subject, $first_seen, $last_seen
-- Reads:    counting_rows_in_full
select sent_at, period_start as day, sender_address, account, client_ip, tls_version, auth_protocol,
    recipient_count, recipients, message_subject, message_id, message_count, source, file_id
from counting_rows_in_full
where tenant = $tenant
    and coalesce(sent_at, cast(period_start as timestamp)) between $first_seen and $last_seen
    and period_start = period_end
    and case when $kind = 'client_ip' then client_ip = $subject
        when $kind = 'tenant' then true
        when $kind = 'account' then account_key = $subject
            or (account_key = '' and sender_key = $subject)
        else sender_key = $subject end
order by coalesce(sent_at, cast(period_start as timestamp)), message_id
