-- Question: what was submitted, on which day, and from which network?
-- Grain:    one row per message, or per count of one day; counts of several days are in none
select m.tenant, m.sender_key,
    case when m.account_key = '' then m.sender_key else m.account_key end as account_key,
    m.account_key <> '' as has_account, m.sent_at, m.period_start as day,
    date_diff('day', date '1970-01-01', m.period_start) as day_number,
    m.client_ip, coalesce(n.network, '') as network, m.tls_version, m.auth_protocol,
    m.recipient_count, m.message_count, m.file_id
from counting_rows m
left join networks n on n.client_ip = m.client_ip
where m.period_start = m.period_end and m.message_count > 0
