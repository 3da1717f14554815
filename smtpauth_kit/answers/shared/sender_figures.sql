-- Question: what did each sender send, over which TLS versions, with which authentication?
-- Grain:    one row per sender with a message, in any order
-- Reads:    counted_by_sender
select sender_key, max(sender_address) as sender_address, sender_domain,
    cast(sum(message_count) as bigint) as message_count,
    cast(coalesce(sum(message_count) filter (where tls_version = 'none'), 0) as bigint)
        as tls_none_count,
    cast(coalesce(sum(message_count) filter (where tls_version = '1.0'), 0) as bigint)
        as tls_1_0_count,
    cast(coalesce(sum(message_count) filter (where tls_version = '1.1'), 0) as bigint)
        as tls_1_1_count,
    cast(coalesce(sum(message_count) filter (where tls_version = '1.2'), 0) as bigint)
        as tls_1_2_count,
    cast(coalesce(sum(message_count) filter (where tls_version = '1.3'), 0) as bigint)
        as tls_1_3_count,
    cast(coalesce(sum(message_count) filter (where tls_version = 'unknown'), 0) as bigint)
        as tls_unknown_count,
    cast(coalesce(sum(message_count) filter (where source = 'report'), 0) as bigint)
        as report_count,
    cast(coalesce(sum(message_count) filter (where auth_protocol = 'basic'), 0) as bigint)
        as basic_count,
    cast(coalesce(sum(message_count) filter (where auth_protocol = 'oauth'), 0) as bigint)
        as oauth_count,
    cast(coalesce(sum(message_count) filter (where auth_protocol = 'unknown'), 0) as bigint)
        as unknown_auth_count,
    min(period_start) as first_seen, max(period_end) as last_seen
from counted_by_sender
where message_count > 0
group by sender_key, sender_domain
