-- Question: how many messages lie where a file of the other source was cut off?
-- Grain:    one row per tenant, period and sender
-- Reads:    larger_messages, cuts, cut_moments, covered
select l.tenant, l.period_start, l.period_end, l.sender_key,
    cast(sum(l.message_count) as bigint) as cut_count
from larger_messages as l
join cuts as f
    on f.tenant = l.tenant and f.period_start = l.period_start and f.period_end = l.period_end
    and f.source = l.smaller
left join cut_moments as e on e.tenant = l.tenant and e.source = l.smaller and e.day = l.day
left join covered as c
    on c.tenant = l.tenant and c.period_start = l.period_start and c.period_end = l.period_end
    and c.source = l.smaller and c.day = l.day
where (c.day is null and (l.day > f.end_day or l.day < f.start_day))
    or (l.day = f.end_day and l.sent_at > e.last_at)
    or (l.day = f.start_day and l.sent_at < e.first_at)
group by l.tenant, l.period_start, l.period_end, l.sender_key
