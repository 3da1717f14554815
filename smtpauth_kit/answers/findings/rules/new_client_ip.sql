-- Question: which accounts were used from a network that is new to them and that nobody shares?
-- Grain:    one row per account and network, of its first day there
-- Params:   $learning_days, $known_networks, $active_days, $residents, $near_days
with starts as (
    select tenant, account_key, network, country, first_day, first_at
    from account_networks
    where first_day - account_first_day >= $learning_days and other_residents < $residents
), own as (
    select s.tenant, s.account_key, s.network,
        count(case when k.first_day < s.first_day then 1 end) as known_networks,
        count(case when k.network <> s.network and k.first_day > s.first_day + $near_days
            and k.other_residents < $residents then 1 end) as later_networks,
        coalesce(max_by(k.country, case when k.first_day < s.first_day and k.country <> ''
            then (k.used_days, k.country) end), '') as home_country
    from starts s
    join account_networks k on k.tenant = s.tenant and k.account_key = s.account_key
        and k.first_day is not null
    group by s.tenant, s.account_key, s.network
), alone as (
    select s.tenant, s.account_key, s.network, s.country, s.first_day, o.known_networks
    from starts s
    join own o on o.tenant = s.tenant and o.account_key = s.account_key and o.network = s.network
    where o.known_networks <= $known_networks and o.later_networks = 0
        and (s.country = o.home_country or s.country = '' or o.home_country = '')
), before as (
    -- The days of use in each sixty days; of those that its first day there is in, the ones before.
    select s.tenant, s.account_key, s.network, a.span,
        bit_or(case when a.span < floor(s.first_day / 60) then a.used_days_bits
            else a.used_days_bits & (cast(power(2, s.first_day % 60) as bigint) - 1) end) as bits
    from alone s
    join account_spans a on a.tenant = s.tenant and a.account_key = s.account_key
        and a.span <= floor(s.first_day / 60)
    group by s.tenant, s.account_key, s.network, a.span
), found as (
    select s.tenant, s.account_key, s.network, s.country, s.first_day, s.known_networks,
        cast(sum(bit_count(b.bits)) as bigint) as known_days
    from alone s
    join before b on b.tenant = s.tenant and b.account_key = s.account_key
        and b.network = s.network
    group by s.tenant, s.account_key, s.network, s.country, s.first_day, s.known_networks
    having sum(bit_count(b.bits)) >= $active_days
)
select f.tenant, 'account' as subject_kind, cast(f.account_key as string) as subject,
    min(p.first_at) as first_seen, max(p.last_at) as last_seen,
    cast(sum(p.success_count + p.message_count) as double) as measured,
    cast(0 as double) as expected,
    cast(sum(p.success_count + p.message_count) as bigint) as evidence_count,
    cast(max(f.known_days) as double) / max(f.known_networks) as score,
    concat(min(p.client_ip), ' (', case when max(f.country) = '' then ''
        else concat(max(f.country), ', ') end, f.network, ')') as where_from,
    cast(sum(p.success_count + p.message_count) as bigint) as use_count,
    max(f.known_networks) as known_networks, cast(max(f.known_days) as bigint) as known_days
from found f
join account_places p on p.tenant = f.tenant and p.account_key = f.account_key
    and p.network = f.network and p.first_at is not null
    and p.day_number <= f.first_day + $near_days
group by f.tenant, f.account_key, f.network
