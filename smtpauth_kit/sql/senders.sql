-- Question: what did each sender send, over which TLS versions, with which authentication?
-- Grain:    one row per sender, busiest first
with counted as (/* counted: daily_by_sender */), counted_rows as (/* counted: submissions */),
clients as (
    select sender_key, count(distinct client_ip) as client_ip_count
    from counted_rows where client_ip <> '' group by sender_key
)
select max(c.sender_address) as sender_address, c.sender_domain,
    sum(c.message_count)::bigint as message_count,
    sum(case when c.tls_version = 'none' then c.message_count else 0 end)::bigint as tls_none_count,
    sum(case when c.tls_version = '1.0' then c.message_count else 0 end)::bigint as tls_1_0_count,
    sum(case when c.tls_version = '1.1' then c.message_count else 0 end)::bigint as tls_1_1_count,
    sum(case when c.tls_version = '1.2' then c.message_count else 0 end)::bigint as tls_1_2_count,
    sum(case when c.tls_version = '1.3' then c.message_count else 0 end)::bigint as tls_1_3_count,
    sum(case when c.tls_version = 'unknown' then c.message_count else 0 end)::bigint as tls_unknown_count,
    sum(case when c.auth_protocol = 'basic' then c.message_count else 0 end)::bigint as basic_count,
    sum(case when c.auth_protocol = 'oauth' then c.message_count else 0 end)::bigint as oauth_count,
    sum(case when c.auth_protocol = 'unknown' then c.message_count else 0 end)::bigint as unknown_auth_count,
    min(c.period_start) as first_seen, max(c.period_end) as last_seen,
    coalesce(max(clients.client_ip_count), 0)::bigint as client_ip_count
from counted c
left join clients on clients.sender_key = c.sender_key
where c.message_count > 0
group by c.sender_key, c.sender_domain
order by message_count desc, sender_address
