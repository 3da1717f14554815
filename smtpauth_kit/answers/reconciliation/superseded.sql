-- Question: what did an earlier export of the same report count, that no longer counts?
-- Grain:    one row per tenant, period and sender: the total of the latest of these exports
-- Reads:    period_days
select m.tenant, m.period_start, m.period_end, m.sender_key,
    cast(sum(m.message_count) as bigint) as superseded_count
from submissions as m
join (
    select s.tenant, s.period_start, s.period_end, s.sender_key, max(s.file_id) as file_id
    from submissions as s
    join period_days as p
        on p.tenant = s.tenant and p.day = s.period_start and p.period_start = s.period_start
        and p.period_end = s.period_end
    where s.source = 'report' and s.superseded_by is not null
    group by s.tenant, s.period_start, s.period_end, s.sender_key
) as o
    on o.file_id = m.file_id and o.tenant = m.tenant and o.sender_key = m.sender_key
    and o.period_start = m.period_start and o.period_end = m.period_end
where m.source = 'report'
group by m.tenant, m.period_start, m.period_end, m.sender_key
