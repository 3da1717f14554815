-- Question: what did each account send in which name on each day, how secured and signed in?
-- Grain:    one row per tenant, account, From address and day; counts of several days are in none
select tenant, account_key, sender_key, day_number,
    cast(sum(message_count) as bigint) as message_count,
    cast(sum(case when tls_version in ('none', '1.0', '1.1') then message_count else 0 end)
        as bigint) as weak_tls_count,
    cast(sum(case when tls_version in ('1.2', '1.3') then message_count else 0 end) as bigint)
        as strong_tls_count,
    cast(sum(case when auth_protocol = 'basic' then message_count else 0 end) as bigint)
        as basic_count,
    cast(sum(case when auth_protocol = 'oauth' then message_count else 0 end) as bigint)
        as oauth_count,
    min(case when has_account then 1 else 0 end) = 1 as has_account,
    min(coalesce(sent_at, cast(day as timestamp))) as first_at,
    max(coalesce(sent_at, cast(day as timestamp))) as last_at,
    min(case when sent_at is null then 1 else 0 end) = 1 as is_day
from seen_rows
group by tenant, account_key, sender_key, day_number
