-- Question: what did each account send in which name, how secured and signed in?
-- Grain:    one row per tenant, account and From address, of all days; accounts that a source names
--           (has_account) apart from senders that stand for their account
select tenant, account_key, sender_key, has_account, min(first_day) as first_day,
    cast(sum(message_count) as bigint) as message_count,
    cast(sum(weak_tls_count) as bigint) as weak_tls_count,
    cast(sum(strong_tls_count) as bigint) as strong_tls_count,
    cast(sum(basic_count) as bigint) as basic_count,
    cast(sum(oauth_count) as bigint) as oauth_count
from sent_spans
group by tenant, account_key, sender_key, has_account
