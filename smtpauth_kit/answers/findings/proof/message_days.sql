-- Question: how many messages did the subject of a finding send on each day?
-- Grain:    one row per day with a message; counts of several days are in none
-- Params:   $tenant, $kind, $subject
-- Reads:    counting_rows
select date_diff('day', date '1970-01-01', period_start) as day_number,
    cast(sum(message_count) as bigint) as message_count,
    cast(0 as bigint) as success_count, cast(0 as bigint) as failure_count
from counting_rows
where tenant = $tenant and period_start = period_end
    and case when $kind = 'client_ip' then client_ip = $subject
        when $kind = 'tenant' then true
        when $kind = 'account' then account_key = $subject
            or (account_key = '' and sender_key = $subject)
        else sender_key = $subject end
group by period_start
