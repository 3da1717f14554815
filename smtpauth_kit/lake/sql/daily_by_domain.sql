-- The same by sender domain: the kit's table daily_by_domain.
select source, tenant, period_start, period_end, sender_domain, tls_version, auth_protocol,
    ahead_of_clock, sum(message_count) as message_count
from smtpauth_submissions
group by source, tenant, period_start, period_end, sender_domain, tls_version, auth_protocol,
    ahead_of_clock
