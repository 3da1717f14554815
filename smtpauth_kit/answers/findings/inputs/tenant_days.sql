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
), told as (
    select c.tenant, c.day_number, r.has_weekends, count(*) as senders,
        sum(sqrt(r.mean_count) * least(coalesce(d.message_count, 0) / r.mean_count, 3.0))
            / sum(sqrt(r.mean_count)) as factor
    from regular r
    join covered_days c on c.tenant = r.tenant and c.weekday = r.weekday
        and c.day_number between r.first_day and r.last_day
    left join sender_days d on d.tenant = r.tenant and d.sender_key = r.sender_key
        and d.day_number = c.day_number
    group by c.tenant, c.day_number, r.has_weekends
), kinds as (
    select true as has_weekends union all select false as has_weekends
)
select c.tenant, c.day_number, c.weekday, k.has_weekends,
    case when coalesce(t.senders, 0) >= 10 then greatest(t.factor, 0.05) else 1.0 end as factor
from covered_days c
cross join kinds k
left join told t on t.tenant = c.tenant and t.day_number = c.day_number
    and t.has_weekends = k.has_weekends
