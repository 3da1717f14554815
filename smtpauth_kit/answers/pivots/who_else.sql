-- Question: which accounts used these addresses, networks or countries, or what an account used?
-- Grain:    one row per tenant and account, those who got in or sent first; a failed sign-in is no
--           use. Only what has a time and a client address counts
-- Params:   $client_ips, $networks, $countries, $accounts, $any_client_ip, $any_network,
-- Params:   $any_country, $any_account; of days also those that places_of_days.sql has
-- Reads:    used_places, named_places (each of days, or of spans where all days are asked about)
with chosen_places as (
    select p.tenant, p.account_key, p.client_ip, p.network, p.country, p.span, p.used_days_bits,
        p.message_count, p.success_count, p.failure_count, p.first_seen, p.last_seen
    from used_places as p
    left join (
        select distinct tenant, client_ip
        from used_places
        where first_at is not null and array_contains($accounts, account_key)
    ) as shared
        on shared.tenant = p.tenant and shared.client_ip = p.client_ip
    where ($any_client_ip or array_contains($client_ips, p.client_ip))
        and ($any_network or array_contains($networks, p.network))
        and ($any_country or array_contains($countries, upper(p.country)))
        and ($any_account or (
            shared.client_ip is not null and not array_contains($accounts, p.account_key)))
), at_addresses as (
    -- Of an account's addresses there are few: their names are put together from these.
    select tenant, account_key, client_ip, network, country,
        cast(sum(message_count) as bigint) as message_count,
        cast(sum(success_count) as bigint) as success_count,
        cast(sum(failure_count) as bigint) as failure_count, min(first_seen) as first_seen,
        max(last_seen) as last_seen
    from chosen_places
    group by tenant, account_key, client_ip, network, country
), names_used as (
    select tenant, account_key, array_sort(array_agg(sender_key)) as senders
    from (
        select distinct m.tenant, m.account_key, m.sender_key
        from named_places as m
        join at_addresses as a
            on a.tenant = m.tenant and a.account_key = m.account_key and a.client_ip = m.client_ip
    ) as named
    group by tenant, account_key
), used_days as (
    select tenant, account_key, cast(sum(bit_count(used_days_bits)) as bigint) as day_count
    from (
        select tenant, account_key, span, bit_or(used_days_bits) as used_days_bits
        from chosen_places
        group by tenant, account_key, span
    ) as spans
    group by tenant, account_key
), accounts as (
    select tenant, account_key, array_sort(array_agg(client_ip)) as client_ips,
        array_sort(array_agg(distinct network)) as networks,
        array_sort(array_agg(distinct country) filter (where country <> '')) as countries,
        cast(sum(message_count) as bigint) as message_count,
        cast(sum(success_count) as bigint) as success_count,
        cast(sum(failure_count) as bigint) as failure_count, min(first_seen) as first_seen,
        max(last_seen) as last_seen
    from at_addresses
    group by tenant, account_key
)
select a.account_key as account, s.senders, a.client_ips, a.networks, a.countries,
    u.day_count as used_day_count, a.message_count, a.success_count,
    a.failure_count, a.first_seen, a.last_seen, a.tenant
from accounts as a
left join names_used as s on s.tenant = a.tenant and s.account_key = a.account_key
join used_days as u on u.tenant = a.tenant and u.account_key = a.account_key
order by case when u.day_count > 0 then 0 else 1 end, a.last_seen desc, a.account_key,
    a.tenant
