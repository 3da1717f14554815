-- Question: from which addresses did this sender send or sign in, and what is known of them?
-- Grain:    one row per client IP; counts are null where only the other kind of log names it
with counted_rows as (/* counted: submissions */), attempts as (/* counted_sign_ins */), sent as (
    select client_ip, sum(message_count)::bigint as message_count
    from counted_rows
    where client_ip <> ''
    group by client_ip
), signed_in as (
    select client_ip,
        sum(case when result = 'success' then 1 else 0 end)::bigint as success_count,
        sum(case when result = 'failure' then 1 else 0 end)::bigint as failure_count,
        list_sort(list(distinct country) filter (where country <> '')) as countries,
        list_sort(list(distinct network) filter (where network <> '')) as networks,
        list_sort(list(distinct user_agent) filter (where user_agent <> '')) as user_agents
    from attempts
    where client_ip <> ''
    group by client_ip
)
select coalesce(sent.client_ip, signed_in.client_ip) as client_ip, message_count, success_count,
    failure_count, countries, networks, user_agents
from sent
full join signed_in on signed_in.client_ip = sent.client_ip
order by coalesce(message_count, 0) desc, coalesce(success_count, 0) desc, client_ip
