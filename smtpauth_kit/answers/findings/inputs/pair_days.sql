-- Question: what did each account send in which name on each day, how secured and signed in?
-- Grain:    one row per tenant, account, From address and day; counts of several days are in none
select tenant, account_key, sender_key, day_number,
    cast(sum(message_count) as bigint) as message_count,
    cast(sum(weak_tls_count) as bigint) as weak_tls_count,
    cast(sum(strong_tls_count) as bigint) as strong_tls_count,
    cast(sum(basic_count) as bigint) as basic_count,
    cast(sum(oauth_count) as bigint) as oauth_count,
    min(has_account) = 1 as has_account,
    min(coalesce(first_sent_at, cast(day as timestamp))) as first_at,
    max(coalesce(last_sent_at, cast(day as timestamp))) as last_at,
    max(case when first_sent_at is null then 0 else 1 end) = 0 as is_day
from message_places
group by tenant, account_key, sender_key, day_number
