-- Question: how did each account try to sign in on each day: from where, by what, with what result?
-- Grain:    one row per source, tenant, day, account, client address with its country and network,
--           program, result and error code, and whether it is ahead of the clock. Kept as
--           daily_by_attempt
-- Reads:    counting_sign_ins
select source, tenant, ahead_of_clock, cast(signed_in_at as date) as period_start,
    cast(signed_in_at as date) as period_end, account_key, client_ip, country, network,
    user_agent, result, error_code, count(*) as attempt_count, min(signed_in_at) as first_at,
    max(signed_in_at) as last_at
from counting_sign_ins
group by source, tenant, ahead_of_clock, cast(signed_in_at as date), account_key, client_ip,
    country, network, user_agent, result, error_code
