-- Question: by what factor did everyone send more or less than usual on a day?
-- Grain:    one row per tenant, day and kind of sender (with or without weekends); 1 is as usual
-- A holiday, an outage and the day after it are nobody's own doing. A sender counts with the root
-- of its usual number and with no more than three times that, so that none makes the factor alone.
with regular as (
    select k.tenant, k.sender_key, k.has_weekends, w.weekday, w.mean_count, s.first_day, s.last_day
    from sender_kinds k
    join senders s on s.tenant = k.tenant and s.sender_key = k.sender_key
    join sender_weekdays w on w.tenant = k.tenant and w.sender_key = k.sender_key
    where k.active_share >= 0.3 and w.mean_count >= 0.5 and k.active_days >= 8
), lives as (
    -- Senders of a kind that have their first and last day together weigh together.
    select tenant, has_weekends, weekday, first_day, last_day, count(*) as senders,
        sum(sqrt(mean_count)) as weight
    from regular
    group by tenant, has_weekends, weekday, first_day, last_day
), living as (
    select c.tenant, c.day_number, l.has_weekends, cast(sum(l.senders) as bigint) as senders,
        sum(l.weight) as weight
    from lives l
    join covered_days c on c.tenant = l.tenant and c.weekday = l.weekday
        and c.day_number between l.first_day and l.last_day
    group by c.tenant, c.day_number, l.has_weekends
), sent as (
    select d.tenant, d.day_number, r.has_weekends,
        sum(sqrt(r.mean_count) * least(d.message_count / r.mean_count, 3.0)) as weight
    from regular r
    join sender_days d on d.tenant = r.tenant and d.sender_key = r.sender_key
        and d.weekday = r.weekday
    group by d.tenant, d.day_number, r.has_weekends
), told as (
    select l.tenant, l.day_number, l.has_weekends, l.senders,
        coalesce(s.weight, 0.0) / l.weight as factor
    from living l
    left join sent s on s.tenant = l.tenant and s.day_number = l.day_number
        and s.has_weekends = l.has_weekends
), kinds as (
    select true as has_weekends union all select false as has_weekends
)
select c.tenant, c.day_number, c.weekday, k.has_weekends,
    case when coalesce(t.senders, 0) >= 10 then greatest(t.factor, 0.05) else 1.0 end as factor
from covered_days c
cross join kinds k
left join told t on t.tenant = c.tenant and t.day_number = c.day_number
    and t.has_weekends = k.has_weekends
