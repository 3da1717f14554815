-- Question: from which networks does each sender send?
-- Grain:    one row per tenant, sender and network that messages name
select s.tenant, s.sender_key, n.network, min(s.first_day) as first_day,
    max(s.last_day) as last_day, cast(sum(s.message_count) as bigint) as message_count
from sent_spans s
join networks n on n.client_ip = s.client_ip
where s.client_ip <> ''
group by s.tenant, s.sender_key, n.network
