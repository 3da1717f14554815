-- Question: which accounts were used in a country that is new to them?
-- Grain:    one row per account and country, of its first day after the account forgot it
-- Params:   $learning_days, $forget_days, $known_countries, $known_networks, $travellers
with travellers as (
    select tenant, account_key
    from account_networks
    where first_at is not null and country <> ''
    group by tenant, account_key
    having count(distinct country) > 1
), country_days as (
    select p.tenant, p.account_key, p.country, p.day_number, min(p.first_at) as first_at,
        max(p.last_at) as last_at,
        cast(sum(p.success_count + p.message_count) as bigint) as use_count,
        max_by(p.client_ip, (p.first_at, p.client_ip)) as client_ip,
        max_by(p.network, (p.first_at, p.client_ip)) as network
    from account_places p
    join travellers t on t.tenant = p.tenant and t.account_key = p.account_key
    where p.first_at is not null and p.country <> ''
    group by p.tenant, p.account_key, p.country, p.day_number
), aged as (
    select tenant, account_key, country, day_number, first_at, last_at, use_count, client_ip,
        network,
        min(day_number) over (partition by tenant, account_key) as account_first_day,
        lag(day_number) over (
            partition by tenant, account_key, country order by day_number) as previous_day
    from country_days
), found as (
    select tenant, account_key, country, day_number, first_at, last_at, use_count, client_ip,
        network
    from aged
    where day_number - account_first_day >= $learning_days
        and (previous_day is null or day_number - previous_day > $forget_days)
), known as (
    select f.tenant, f.account_key, f.country, f.day_number,
        count(distinct k.country) as known_countries,
        max_by(k.country, (k.days, k.country)) as home_country
    from found f
    join (
        select tenant, account_key, country, min(day_number) as first_day, count(*) as days
        from country_days
        group by tenant, account_key, country
    ) k on k.tenant = f.tenant and k.account_key = f.account_key and k.first_day < f.day_number
    group by f.tenant, f.account_key, f.country, f.day_number
), moving as (
    -- On how many networks the account was before.
    select f.tenant, f.account_key, f.country, f.day_number, count(*) as known_networks
    from found f
    join account_networks n on n.tenant = f.tenant and n.account_key = f.account_key
        and n.first_day < f.day_number
    group by f.tenant, f.account_key, f.country, f.day_number
), destinations as (
    select tenant, country, count(distinct account_key) as accounts
    from account_networks
    where first_at is not null
    group by tenant, country
)
select f.tenant, 'account' as subject_kind, cast(f.account_key as string) as subject, f.first_at as first_seen,
    f.last_at as last_seen, cast(f.use_count as double) as measured,
    cast(0 as double) as expected, f.use_count as evidence_count,
    cast(1 as double) / k.known_countries as score, cast(f.country as string) as country,
    cast(k.home_country as string) as home_country, k.known_countries, f.use_count,
    cast(f.client_ip as string) as client_ip, cast(f.network as string) as network
from found f
join known k on k.tenant = f.tenant and k.account_key = f.account_key and k.country = f.country
    and k.day_number = f.day_number
join moving m on m.tenant = f.tenant and m.account_key = f.account_key and m.country = f.country
    and m.day_number = f.day_number
join destinations d on d.tenant = f.tenant and d.country = f.country
where k.known_countries <= $known_countries
    and (m.known_networks <= $known_networks or d.accounts < $travellers)
