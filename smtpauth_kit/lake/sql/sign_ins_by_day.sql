-- Attempts by UTC day, account, result, error code and authentication. A failure is never use, and
-- sign-ins are never added to messages.
select source, tenant, to_date(signed_in_at) as day, account_key, max(account) as account, result,
    error_code, auth_protocol, ahead_of_clock, count(*) as sign_in_count
from smtpauth_sign_ins
group by source, tenant, to_date(signed_in_at), account_key, result, error_code, auth_protocol,
    ahead_of_clock
