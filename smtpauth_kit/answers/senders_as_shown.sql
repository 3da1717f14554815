-- Question: what did each sender send, with null for what no row of the sender tells?
-- Grain:    one row per sender, busiest first
-- Params:   $untold (what not every source shown tells)
-- Reads:    sender_figures, client_counts, ever_seen
-- The rules are those of `answers.untold`; this is the answer as somebody pastes it.
select sender_address, sender_domain, message_count,
    case when tls_unknown_count = message_count then null
        when array_contains($untold, 'none') and tls_unknown_count > 0 and tls_none_count = 0
            then null else tls_none_count end as tls_none_count,
    case when tls_unknown_count < message_count then tls_1_0_count end as tls_1_0_count,
    case when tls_unknown_count < message_count then tls_1_1_count end as tls_1_1_count,
    case when tls_unknown_count < message_count then tls_1_2_count end as tls_1_2_count,
    case when tls_unknown_count = message_count then null
        when array_contains($untold, '1.3') and report_count > 0 and tls_1_3_count = 0
            then null else tls_1_3_count end as tls_1_3_count,
    tls_unknown_count,
    case when unknown_auth_count < message_count then basic_count end as basic_count,
    case when unknown_auth_count < message_count then oauth_count end as oauth_count,
    unknown_auth_count, first_seen, last_seen, first_seen_ever, last_seen_ever, client_ip_count
from sender_figures
left join client_counts on client_counts.sender_key = sender_figures.sender_key
left join ever_seen on ever_seen.sender_key = sender_figures.sender_key
order by message_count desc, sender_address
