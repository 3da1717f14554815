-- Question: who tried to sign in, when, and from where?
-- Grain:    one row per attempt
select s.tenant, s.account_key, s.signed_in_at,
    cast(date_diff('day', date '1970-01-01', cast(s.signed_in_at as date)) as int) as day_number,
    s.result, s.error_code, s.client_ip, coalesce(n.network, '') as network, s.user_agent
from counting_sign_ins s
left join networks n on n.client_ip = s.client_ip
where s.account_key <> ''
