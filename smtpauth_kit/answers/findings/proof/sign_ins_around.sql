-- Question: how did the sign-ins around a finding go, and from where?
-- Grain:    one row per result, client address, error code and program, successes first
-- Params:   $tenant, $kind, $subject, $from_at, $to_at (the latter not included)
-- Reads:    counting_sign_ins, networks, address_countries
select s.result, s.client_ip, coalesce(n.network, '') as network, coalesce(c.country, '') as country,
    s.error_code, s.user_agent, count(*) as attempt_count,
    count(distinct s.account_key) as account_count,
    min(s.signed_in_at) as first_at, max(s.signed_in_at) as last_at
from counting_sign_ins s
left join networks n on n.client_ip = s.client_ip
left join address_countries c on c.client_ip = s.client_ip
where s.tenant = $tenant and s.signed_in_at >= $from_at and s.signed_in_at < $to_at
    and case when $kind = 'client_ip' then s.client_ip = $subject
        when $kind = 'tenant' then true
        else s.account_key = $subject end
group by s.result, s.client_ip, n.network, c.country, s.error_code, s.user_agent
order by case when s.result = 'success' then 0 else 1 end, max(s.signed_in_at) desc, s.client_ip,
    s.error_code, s.user_agent
