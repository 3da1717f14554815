-- Question: what does each sender usually send on a Monday, on a Tuesday …?
-- Grain:    one row per tenant, sender and weekday; covered days from its first to its last day,
--           without the top tenth of them: what is unusual must not be part of what is usual
with spans as (
    select s.tenant, s.sender_key, c.weekday, count(*) as covered
    from senders s
    join covered_days c
        on c.tenant = s.tenant and c.day_number between s.first_day and s.last_day
    group by s.tenant, s.sender_key, c.weekday
), placed as (
    select tenant, sender_key, weekday, message_count,
        row_number() over (
            partition by tenant, sender_key, weekday order by message_count desc, day_number
        ) as place
    from sender_days
), summed as (
    select s.tenant, s.sender_key, s.weekday, max(s.covered) as covered,
        count(p.place) as active_days, ceil(max(s.covered) * 0.1) as dropped,
        cast(coalesce(sum(case when p.place > ceil(s.covered * 0.1) then p.message_count end), 0)
            as double) as kept
    from spans s
    left join placed p
        on p.tenant = s.tenant and p.sender_key = s.sender_key and p.weekday = s.weekday
    group by s.tenant, s.sender_key, s.weekday
)
select tenant, sender_key, weekday, covered, active_days,
    case when covered > dropped then kept / (covered - dropped) else 0.0 end as mean_count,
    cast(active_days as double) / covered as active_share
from summed
