-- Question: what was handed in on each day: in which name, by which account, from which address?
-- Grain:    one row per source, tenant, day, From address, account and client address, and whether
--           it is ahead of the clock; counts of several days are in none. Kept as daily_by_place
-- Reads:    counting_rows
select source, tenant, ahead_of_clock, period_start, period_end, sender_key, account_key, client_ip,
    cast(sum(message_count) as bigint) as message_count,
    cast(sum(case when tls_version in ('none', '1.0', '1.1') then message_count else 0 end)
        as bigint) as weak_tls_count,
    cast(sum(case when tls_version in ('1.2', '1.3') then message_count else 0 end) as bigint)
        as strong_tls_count,
    cast(sum(case when auth_protocol = 'basic' then message_count else 0 end) as bigint)
        as basic_count,
    cast(sum(case when auth_protocol = 'oauth' then message_count else 0 end) as bigint)
        as oauth_count,
    cast(sum(recipient_count) as bigint) as recipient_count,
    max(recipient_count) as largest_recipient_count,
    min(sent_at) as first_sent_at, max(sent_at) as last_sent_at
from counting_rows
where period_start = period_end and message_count > 0
group by source, tenant, ahead_of_clock, period_start, period_end, sender_key, account_key,
    client_ip
