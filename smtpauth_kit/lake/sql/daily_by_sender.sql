-- Messages by UTC day, sender, TLS version and authentication: the kit's table daily_by_sender.
select source, tenant, period_start, period_end, sender_key, max(sender_address) as sender_address,
    sender_domain, tls_version, auth_protocol, ahead_of_clock, sum(message_count) as message_count
from smtpauth_submissions
group by source, tenant, period_start, period_end, sender_key, sender_domain, tls_version,
    auth_protocol, ahead_of_clock
