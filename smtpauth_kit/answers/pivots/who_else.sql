-- Question: which accounts used these addresses, networks or countries, or what an account used?
-- Grain:    one row per tenant and account, those who got in or sent first; a failed sign-in is no
--           use. Only what has a time and a client address counts
-- Params:   $first_number, $last_number (days since 1970), $client_ips, $networks, $countries,
-- Params:   $accounts, $any_client_ip, $any_network, $any_country, $any_account
-- Reads:    account_places, message_places
with places_of_range as (
    select tenant, account_key, client_ip, network, country, day_number, message_count,
        success_count, failure_count + refused_count as failure_count, first_at,
        coalesce(first_at, first_failed_at) as began_at,
        greatest(last_at, last_failed_at) as ended_at
    from account_places
    where day_number >= $first_number and day_number <= $last_number
), chosen_places as (
    select p.tenant, p.account_key, p.client_ip, p.network, p.country, p.day_number,
        p.message_count, p.success_count, p.failure_count, p.first_at, p.began_at, p.ended_at
    from places_of_range as p
    left join (
        select distinct tenant, client_ip
        from places_of_range
        where first_at is not null and array_contains($accounts, account_key)
    ) as shared
        on shared.tenant = p.tenant and shared.client_ip = p.client_ip
    where ($any_client_ip or array_contains($client_ips, p.client_ip))
        and ($any_network or array_contains($networks, p.network))
        and ($any_country or array_contains($countries, upper(p.country)))
        and ($any_account or (
            shared.client_ip is not null and not array_contains($accounts, p.account_key)))
), names_used as (
    select m.tenant, m.account_key, array_sort(array_agg(distinct m.sender_key)) as senders
    from message_places as m
    join (select distinct tenant, account_key, client_ip, day_number from chosen_places) as c
        on c.tenant = m.tenant and c.account_key = m.account_key and c.client_ip = m.client_ip
        and c.day_number = m.day_number
    group by m.tenant, m.account_key
)
select c.account_key as account, s.senders,
    array_sort(array_agg(distinct c.client_ip)) as client_ips,
    array_sort(array_agg(distinct c.network)) as networks,
    array_sort(array_agg(distinct c.country) filter (where c.country <> '')) as countries,
    count(distinct case when c.first_at is not null then c.day_number end) as used_day_count,
    cast(sum(c.message_count) as bigint) as message_count,
    cast(sum(c.success_count) as bigint) as success_count,
    cast(sum(c.failure_count) as bigint) as failure_count, min(c.began_at) as first_seen,
    max(c.ended_at) as last_seen, c.tenant
from chosen_places as c
left join names_used as s on s.tenant = c.tenant and s.account_key = c.account_key
group by c.tenant, c.account_key, s.senders
order by case when count(c.first_at) > 0 then 0 else 1 end, max(c.ended_at) desc, c.account_key,
    c.tenant
