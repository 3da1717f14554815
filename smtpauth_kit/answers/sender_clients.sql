-- Question: from which addresses did this sender send or sign in, and what is known of them?
-- Grain:    one row per client IP, newest first; counts are null where only the other log names it
-- Reads:    counted_messages, counted_sign_ins
with sent as (
    select client_ip, cast(sum(message_count) as bigint) as message_count,
        min(period_start) as first_sent, max(period_end) as last_sent,
        array_sort(array_agg(distinct date_diff('day', date '1970-01-01', period_start)))
            as sent_days
    from counted_messages
    where client_ip <> ''
    group by client_ip
), signed_in as (
    select client_ip,
        cast(sum(case when result = 'success' then 1 else 0 end) as bigint) as success_count,
        cast(sum(case when result = 'failure' then 1 else 0 end) as bigint) as failure_count,
        min(day) as first_tried, max(day) as last_tried,
        array_sort(array_agg(distinct date_diff('day', date '1970-01-01', day))
            filter (where result = 'success')) as success_days,
        array_sort(array_agg(distinct date_diff('day', date '1970-01-01', day))
            filter (where result = 'failure')) as failure_days,
        array_sort(array_agg(distinct country) filter (where country <> '')) as countries,
        array_sort(array_agg(distinct network) filter (where network <> '')) as networks,
        array_sort(array_agg(distinct user_agent) filter (where user_agent <> '')) as user_agents
    from counted_sign_ins
    where client_ip <> ''
    group by client_ip
)
select coalesce(sent.client_ip, signed_in.client_ip) as client_ip, message_count, success_count,
    failure_count, countries, networks, user_agents, sent_days, success_days, failure_days,
    least(coalesce(first_sent, first_tried), coalesce(first_tried, first_sent)) as first_seen,
    greatest(coalesce(last_sent, last_tried), coalesce(last_tried, last_sent)) as last_seen
from sent
full join signed_in on signed_in.client_ip = sent.client_ip
order by last_seen desc, coalesce(message_count, 0) desc, coalesce(success_count, 0) desc, client_ip
