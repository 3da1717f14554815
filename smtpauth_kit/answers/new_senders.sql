-- Question: which senders sent their first message ever loaded in the range?
-- Grain:    one row per sender, busiest first
-- Reads:    new_senders
select sender_address, sender_domain, message_count,
    case when unknown_auth_count < message_count then basic_count end as basic_count,
    case when unknown_auth_count < message_count then oauth_count end as oauth_count,
    case when tls_unknown_count < message_count then tls_1_0_count + tls_1_1_count end
        as legacy_tls_count,
    case when tls_none_count > 0 or tls_unknown_count = 0 then tls_none_count end as none_tls_count,
    first_seen, last_seen
from new_senders
order by message_count desc, sender_address
