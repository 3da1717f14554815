-- Question: which senders stand on one page of the details table, and what do all of them come to?
-- Grain:    a row of totals (sender_key is null, row_count says of how many), then one per sender
-- Params:   $search (lower case, empty = all), $limit, $offset; the order is put in
with counted as (/* counted: daily_by_sender */), added as (
    select sender_key, max(sender_address) as sender_address, sender_domain,
        sum(message_count)::bigint as message_count,
        coalesce(sum(message_count) filter (tls_version = 'none'), 0)::bigint as tls_none_count,
        coalesce(sum(message_count) filter (tls_version = '1.0'), 0)::bigint as tls_1_0_count,
        coalesce(sum(message_count) filter (tls_version = '1.1'), 0)::bigint as tls_1_1_count,
        coalesce(sum(message_count) filter (tls_version = '1.2'), 0)::bigint as tls_1_2_count,
        coalesce(sum(message_count) filter (tls_version = '1.3'), 0)::bigint as tls_1_3_count,
        coalesce(sum(message_count) filter (tls_version = 'unknown'), 0)::bigint as tls_unknown_count,
        coalesce(sum(message_count) filter (auth_protocol = 'basic'), 0)::bigint as basic_count,
        coalesce(sum(message_count) filter (auth_protocol = 'oauth'), 0)::bigint as oauth_count,
        coalesce(sum(message_count) filter (auth_protocol = 'unknown'), 0)::bigint as unknown_auth_count,
        min(period_start) as first_seen, max(period_end) as last_seen
    from counted
    where message_count > 0
    group by sender_key, sender_domain
), found as materialized (
    select * from added
    where $search = '' or contains(sender_key, $search) or contains(lower(sender_address), $search)
), placed as (
    select *, row_number() over (order by /* order */, message_count desc, sender_key) as place
    from found
    order by place limit $limit offset $offset
)
select count(*) as row_count, 0 as place, sum(message_count)::bigint as message_count,
    sum(tls_none_count)::bigint as tls_none_count, sum(tls_1_0_count)::bigint as tls_1_0_count,
    sum(tls_1_1_count)::bigint as tls_1_1_count, sum(tls_1_2_count)::bigint as tls_1_2_count,
    sum(tls_1_3_count)::bigint as tls_1_3_count,
    sum(tls_unknown_count)::bigint as tls_unknown_count,
    sum(basic_count)::bigint as basic_count, sum(oauth_count)::bigint as oauth_count,
    sum(unknown_auth_count)::bigint as unknown_auth_count,
    min(first_seen) as first_seen, max(last_seen) as last_seen
from found
union all by name
select * from placed
order by place
