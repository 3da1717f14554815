-- Question: which senders changed: their TLS versions, their authentication, their volume?
-- Grain:    one row per sender, busiest first
-- Reads:    changed_senders
select sender_address, sender_domain, message_count_before, message_count, basic_count_before,
    basic_count, oauth_count_before, oauth_count, legacy_tls_count_before, legacy_tls_count,
    none_tls_count_before, none_tls_count, change
from changed_senders
where change <> ''
order by message_count desc, sender_address
