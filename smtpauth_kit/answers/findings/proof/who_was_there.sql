-- Question: which accounts used a client address, a network or a country, or failed there?
-- Grain:    one row per tenant, account and client address, those who got in or sent first
-- Params:   $client_ip, $network, $country (an empty one is not asked for)
-- Reads:    account_places
with counted as (
    select tenant, account_key as account, client_ip, network, country,
        count(distinct case when first_at is not null then day_number end) as used_days,
        cast(sum(message_count) as bigint) as message_count,
        cast(sum(success_count) as bigint) as success_count,
        cast(sum(failure_count + refused_count) as bigint) as failure_count,
        min(coalesce(first_at, first_failed_at)) as first_at,
        max(coalesce(last_at, last_failed_at)) as last_at,
        case when min(first_at) is null then 1 else 0 end as only_failed
    from account_places
    where (client_ip = $client_ip and $client_ip <> '')
        or (network = $network and $network <> '')
        or (upper(country) = upper($country) and $country <> '')
    group by tenant, account_key, client_ip, network, country
)
select tenant, account, client_ip, network, country, used_days, message_count, success_count,
    failure_count, first_at, last_at
from counted
order by only_failed, last_at desc, account, client_ip
