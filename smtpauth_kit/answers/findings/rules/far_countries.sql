-- Question: which accounts were in two countries sooner than anyone can travel?
-- Grain:    one row per account, day and the network of the two that it uses less
-- Params:   $least_km, $free_km, $km_per_hour, $usual_days, $span_days, $residents
with travellers as (
    select tenant, account_key
    from account_networks
    where first_at is not null and country <> ''
    group by tenant, account_key
    having count(distinct country) > 1
), daily as (
    select p.tenant, p.account_key, p.day_number, p.country, min(p.first_at) as first_at,
        max(p.last_at) as last_at
    from account_places p
    join travellers t on t.tenant = p.tenant and t.account_key = p.account_key
    where p.first_at is not null and p.country <> ''
    group by p.tenant, p.account_key, p.day_number, p.country
), beside as (
    -- Each day as its own, and as the day after another: equal days are joined at once.
    select tenant, account_key, day_number as near_day, day_number, country, first_at, last_at
    from daily
    union all
    select tenant, account_key, day_number - 1, day_number, country, first_at, last_at
    from daily
), near as (
    -- No two places on Earth are a day apart: a leap lies in one day, or in two that follow.
    select a.tenant, a.account_key, a.day_number, b.day_number as other_day_number, a.first_at,
        a.last_at, b.first_at as other_first_at, b.last_at as other_last_at,
        2 * 6371 * asin(sqrt(least(1.0,
            power(sin(radians(y.latitude - x.latitude) / 2), 2)
            + cos(radians(x.latitude)) * cos(radians(y.latitude))
            * power(sin(radians(y.longitude - x.longitude) / 2), 2)))) as km
    from daily a
    join beside b on b.tenant = a.tenant and b.account_key = a.account_key
        and b.near_day = a.day_number and b.country <> a.country
    join known_countries x on x.country = a.country
    join known_countries y on y.country = b.country
), crossings as (
    -- Where the times of the two countries are far enough apart, no two uses are a leap.
    select distinct n.tenant, n.account_key, d.day_number,
        cast(date '1970-01-01' + cast(d.day_number as int) as date) as day
    from near n
    join daily d on d.tenant = n.tenant and d.account_key = n.account_key
        and d.day_number in (n.day_number, n.other_day_number)
    where n.km > $least_km
        and greatest(epoch(n.other_first_at) - epoch(n.last_at),
            epoch(n.first_at) - epoch(n.other_last_at), 0)
            <= (n.km - $free_km) * 3600 / $km_per_hour + 1
), moments as (
    select m.tenant, m.account_key, m.sent_at as used_at, m.client_ip
    from seen_messages m
    join crossings t on t.tenant = m.tenant and t.account_key = m.account_key and t.day = m.day
    where m.client_ip <> ''
    union all
    select s.tenant, s.account_key, s.signed_in_at, s.client_ip
    from seen_sign_ins s
    join crossings t on t.tenant = s.tenant and t.account_key = s.account_key
        and t.day_number = s.day_number
    where s.client_ip <> '' and s.result = 'success'
), placed as (
    select m.tenant, m.account_key, m.used_at, m.client_ip, w.network, c.country,
        lag(m.used_at) over (
            partition by m.tenant, m.account_key order by m.used_at, m.client_ip) as previous_at,
        lag(m.client_ip) over (
            partition by m.tenant, m.account_key order by m.used_at, m.client_ip) as previous_ip,
        lag(w.network) over (
            partition by m.tenant, m.account_key order by m.used_at, m.client_ip)
            as previous_network,
        lag(c.country) over (
            partition by m.tenant, m.account_key order by m.used_at, m.client_ip)
            as previous_country
    from moments m
    join address_countries c on c.client_ip = m.client_ip
    join networks w on w.client_ip = m.client_ip
), crossed as (
    select p.tenant, p.account_key, p.used_at, p.client_ip, p.network, p.country, p.previous_at,
        p.previous_ip, p.previous_network, p.previous_country,
        2 * 6371 * asin(sqrt(least(1.0,
            power(sin(radians(b.latitude - a.latitude) / 2), 2)
            + cos(radians(a.latitude)) * cos(radians(b.latitude))
            * power(sin(radians(b.longitude - a.longitude) / 2), 2)))) as km
    from placed p
    join known_countries a on a.country = p.previous_country
    join known_countries b on b.country = p.country
    where p.country <> p.previous_country
), leaps as (
    select c.tenant, c.account_key, c.km,
        cast(epoch(c.used_at) - epoch(c.previous_at) as double) / 3600 as hours,
        case when h.used_days <= t.used_days then c.network else c.previous_network end as network,
        case when h.used_days <= t.used_days then c.country else c.previous_country end as country,
        case when h.used_days <= t.used_days then c.client_ip else c.previous_ip end as client_ip,
        case when h.used_days <= t.used_days then c.previous_country else c.country end
            as home_country,
        case when h.used_days <= t.used_days then c.used_at else c.previous_at end as used_at,
        case when h.used_days <= t.used_days then h.other_residents else t.other_residents end
            as other_residents,
        case when h.used_days <= t.used_days then h.used_days else t.used_days end as used_days,
        case when h.used_days <= t.used_days then h.last_day - h.first_day
            else t.last_day - t.first_day end as used_span
    from crossed c
    join account_networks h on h.tenant = c.tenant and h.account_key = c.account_key
        and h.network = c.network
    join account_networks t on t.tenant = c.tenant and t.account_key = c.account_key
        and t.network = c.previous_network
    where c.km > $least_km and c.previous_network <> c.network
        and c.previous_at + cast(round((c.km - $free_km) * 3600 / $km_per_hour) as bigint)
            * interval '1' second > c.used_at
), fastest as (
    select tenant, account_key, network, country, home_country, client_ip, km, hours, used_at,
        other_residents, used_days, used_span,
        -- Of equally fast leaps always the same is told.
        (km / (hours + 0.1), country, home_country, client_ip) as speed
    from leaps
), leap_days as (
    select tenant, account_key, network, date_diff('day', date '1970-01-01', cast(used_at as date))
        as day_number, min(used_at) as first_at, max(used_at) as last_at, count(*) as leap_count,
        max_by(country, speed) as country, max_by(home_country, speed) as home_country,
        max_by(client_ip, speed) as client_ip, max_by(km, speed) as km,
        max_by(hours, speed) as hours
    from fastest
    where other_residents < $residents and (used_days < $usual_days or used_span <= $span_days)
    group by tenant, account_key, network,
        date_diff('day', date '1970-01-01', cast(used_at as date))
)
select l.tenant, 'account' as subject_kind, cast(l.account_key as string) as subject, l.first_at as first_seen,
    l.last_at as last_seen, l.km as measured,
    cast($free_km + $km_per_hour * l.hours as double) as expected,
    l.leap_count as evidence_count, l.km / (l.hours + 1) as score, l.km, l.hours,
    cast(l.country as string) as country, cast(l.home_country as string) as home_country,
    l.leap_count, concat(l.client_ip, ' (', l.network, ')') as where_from
from leap_days l
