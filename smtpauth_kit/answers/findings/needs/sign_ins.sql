-- Question: what do the sign-ins that count tell at all?
-- Grain:    one row; a column for each need of a rule
select count(*) > 0 as sign_ins, count(case when result = 'failure' then 1 end) > 0 as failures,
    count(case when client_ip <> '' then 1 end) > 0 as sign_in_client_ips,
    count(case when user_agent <> '' then 1 end) > 0 as user_agents
from attempt_spans
where account_key <> ''
