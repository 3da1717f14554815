-- Question: how many accounts sent how many messages, over which TLS versions?
-- Grain:    one row per TLS version that occurs; account_count is the same in each
-- Reads:    counted_by_sender
with accounts as (
    select sender_key from counted_by_sender group by sender_key having sum(message_count) > 0
)
select tls_version, cast(sum(message_count) as bigint) as message_count,
    (select count(*) from accounts) as account_count
from counted_by_sender
group by tls_version
