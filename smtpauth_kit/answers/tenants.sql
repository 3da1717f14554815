-- Question: what did each tenant send, over which TLS versions, with which authentication?
-- Grain:    one row per tenant with a message; an account is a sender address, as in `totals`
-- Reads:    counted_by_sender
select tenant,
    count(distinct sender_key) as account_count,
    cast(sum(message_count) as bigint) as message_count,
    cast(sum(case when auth_protocol = 'basic' then message_count else 0 end) as bigint)
        as basic_count,
    cast(sum(case when auth_protocol = 'oauth' then message_count else 0 end) as bigint)
        as oauth_count,
    cast(sum(case when auth_protocol = 'unknown' then message_count else 0 end) as bigint)
        as unknown_auth_count,
    cast(sum(case when tls_version in ('1.0', '1.1') then message_count else 0 end) as bigint)
        as legacy_tls_count,
    cast(sum(case when tls_version = 'none' then message_count else 0 end) as bigint)
        as none_tls_count,
    cast(sum(case when tls_version = 'unknown' then message_count else 0 end) as bigint)
        as unknown_tls_count
from counted_by_sender
where message_count > 0
group by tenant
order by tenant
