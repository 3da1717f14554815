-- Question: how many accounts sent how many messages, over which TLS versions?
-- Grain:    one row per TLS version that occurs
with counted as (/* counted: daily_by_sender */), accounts as (
    select sender_key from counted group by sender_key having sum(message_count) > 0
)
select tls_version, sum(message_count)::bigint as message_count,
    (select count(*) from accounts) as account_count
from counted
group by tls_version
