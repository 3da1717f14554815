-- Question: what does each sender usually send on a Monday, on a Tuesday …?
-- Grain:    one row per tenant, sender and weekday; covered days from its first to its last day,
--           without the top tenth of them: what is unusual must not be part of what is usual
with lives as (
    -- Many senders have their first and last day together: each such span is counted once.
    select l.tenant, l.first_day, l.last_day, c.weekday, count(*) as covered
    from (select distinct tenant, first_day, last_day from senders) l
    join covered_days c
        on c.tenant = l.tenant and c.day_number between l.first_day and l.last_day
    group by l.tenant, l.first_day, l.last_day, c.weekday
), spans as (
    select s.tenant, s.sender_key, l.weekday, l.covered,
        cast(ceil(l.covered * 0.1) as bigint) as dropped
    from senders s
    join lives l
        on l.tenant = s.tenant and l.first_day = s.first_day and l.last_day = s.last_day
), alike as (
    -- So are days of equal counts: of most senders there are few different ones.
    select tenant, sender_key, weekday, message_count, count(*) as times
    from sender_days
    group by tenant, sender_key, weekday, message_count
), placed as (
    select tenant, sender_key, weekday, message_count, times,
        cast(sum(times) over (
            partition by tenant, sender_key, weekday order by message_count desc
            rows between unbounded preceding and current row) as bigint) as place
    from alike
), summed as (
    select s.tenant, s.sender_key, s.weekday, max(s.covered) as covered,
        cast(coalesce(sum(p.times), 0) as bigint) as active_days, max(s.dropped) as dropped,
        coalesce(sum(cast(p.message_count as double)
            * greatest(least(p.times, p.place - s.dropped), 0)), 0.0) as kept
    from spans s
    left join placed p
        on p.tenant = s.tenant and p.sender_key = s.sender_key and p.weekday = s.weekday
    group by s.tenant, s.sender_key, s.weekday
)
select tenant, sender_key, weekday, covered, active_days,
    case when covered > dropped then kept / (covered - dropped) else 0.0 end as mean_count,
    cast(active_days as double) / covered as active_share
from summed
