-- Question: how many messages lie on days that the other source has in no file?
-- Grain:    one row per tenant, period and sender; missing_count is null where the larger source is
--           a report, which tells no days
-- Reads:    differing, missing_days, day_counts
select d.tenant, d.period_start, d.period_end, d.sender_key,
    count(distinct m.day) as missing_day_count,
    case when d.larger <> 'report'
        then cast(coalesce(sum(k.message_count), 0) as bigint) end as missing_count
from differing as d
join missing_days as m
    on m.tenant = d.tenant and m.period_start = d.period_start and m.period_end = d.period_end
    and m.source = d.smaller and not m.is_cut
left join day_counts as k
    on k.tenant = d.tenant and k.period_start = d.period_start and k.period_end = d.period_end
    and k.source = d.larger and k.sender_key = d.sender_key and k.day = m.day
group by d.tenant, d.period_start, d.period_end, d.sender_key, d.larger
