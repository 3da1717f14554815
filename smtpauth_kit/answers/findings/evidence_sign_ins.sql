-- Question: which sign-ins prove a finding?
-- Grain:    one row per attempt, in order of time
-- Params:   $tenant, $kind, $subject, $first_seen, $last_seen
-- Reads:    counting_sign_ins_in_full
select signed_in_at, account, result, error_code, auth_protocol, client_ip, country, city, network,
    user_agent, source, file_id
from counting_sign_ins_in_full
where tenant = $tenant and signed_in_at between $first_seen and $last_seen
    and case when $kind = 'client_ip' then client_ip = $subject
        when $kind = 'tenant' then true
        else account_key = $subject end
order by signed_in_at, account, client_ip
