-- Question: what did each sender send, over which TLS versions, with which authentication?
-- Grain:    one row per sender, busiest first
-- Reads:    sender_figures, client_counts, ever_seen
select sender_address, sender_domain, message_count, tls_none_count, tls_1_0_count, tls_1_1_count,
    tls_1_2_count, tls_1_3_count, tls_unknown_count, basic_count, oauth_count, unknown_auth_count,
    first_seen, last_seen, first_seen_ever, last_seen_ever,
    coalesce(client_ip_count, 0) as client_ip_count, report_count
from sender_figures
left join client_counts on client_counts.sender_key = sender_figures.sender_key
left join ever_seen on ever_seen.sender_key = sender_figures.sender_key
order by message_count desc, sender_address
