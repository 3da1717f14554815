-- One row a message handed in over SMTP AUTH. One that is told by several events counts once, on the
-- day of the earliest; each field is the first known one.
with events as (
    select *, coalesce(message_key, concat('row:', monotonically_increasing_id())) as one_key
    from smtpauth_trace_rows
    where nth is not null
)
select min(case when nth = 1 then at end) as sent_at, min(case when nth = 1 then day end) as day,
    min(case when nth = 1 then sender_address_shown end) as sender_address,
    min(case when nth = 1 then sender_address_key end) as sender_key,
    min(case when nth = 1 then sender_address_domain end) as sender_domain,
    min(case when nth = 1 then bare_id end) as message_id,
    min(case when nth = 1 then bare_network_id end) as network_message_id,
    min(case when tls_version <> 'unknown'
        then named_struct('nth', nth, 'said', tls_version) end) as tls,
    min(case when tls_cipher <> ''
        then named_struct('nth', nth, 'said', tls_cipher) end) as cipher,
    min(case when client_ip <> ''
        then named_struct('nth', nth, 'said', client_ip) end) as ip,
    min(case when subject <> ''
        then named_struct('nth', nth, 'said', subject) end) as subject,
    array_sort(array_distinct(flatten(collect_list(told_recipients)))) as recipients,
    max(told_count) as told_count, min(table_name) as table_name
from events
group by one_key
