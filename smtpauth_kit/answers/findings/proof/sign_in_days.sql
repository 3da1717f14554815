-- Question: how many sign-ins of the subject of a finding succeeded and failed on each day?
-- Grain:    one row per day with an attempt
-- Params:   $tenant, $kind, $subject
-- Reads:    counting_sign_ins
select date_diff('day', date '1970-01-01', cast(signed_in_at as date)) as day_number,
    cast(0 as bigint) as message_count,
    cast(sum(case when result = 'success' then 1 else 0 end) as bigint) as success_count,
    cast(sum(case when result = 'failure' then 1 else 0 end) as bigint) as failure_count
from counting_sign_ins
where tenant = $tenant
    and case when $kind = 'client_ip' then client_ip = $subject
        when $kind = 'tenant' then true
        else account_key = $subject end
group by cast(signed_in_at as date)
