-- Question: what did each account send, in which name, from which address, on each day, and how?
-- Grain:    one row per tenant, account, From address, client address and day; counts of several
--           days are in none
select tenant, account_key, sender_key, client_ip, day_number, min(network) as network,
    cast(sum(message_count) as bigint) as message_count,
    cast(sum(case when tls_version in ('none', '1.0', '1.1') then message_count else 0 end)
        as bigint) as weak_tls_count,
    cast(sum(case when tls_version in ('1.2', '1.3') then message_count else 0 end) as bigint)
        as strong_tls_count,
    cast(sum(case when auth_protocol = 'basic' then message_count else 0 end) as bigint)
        as basic_count,
    cast(sum(case when auth_protocol = 'oauth' then message_count else 0 end) as bigint)
        as oauth_count,
    min(case when has_account then 1 else 0 end) as has_account,
    min(sent_at) as first_sent_at, max(sent_at) as last_sent_at, min(day) as day
from seen_rows
group by tenant, account_key, sender_key, client_ip, day_number
