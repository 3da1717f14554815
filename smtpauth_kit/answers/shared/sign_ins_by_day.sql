-- Question: which sign-ins are loaded, and on which day of a time zone was each?
-- Grain:    one row per sign-in
-- Params:   $timezone
select source, tenant, account, account_key, result, signed_in_at, client_ip, country, network, user_agent,
    cast(signed_in_at at time zone 'UTC' at time zone $timezone as date) as day
from sign_ins
