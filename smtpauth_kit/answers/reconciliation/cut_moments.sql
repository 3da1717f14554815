-- Question: when was the first and the last message of a source on a day on which a file is cut?
-- Grain:    one row per tenant, source and day
-- Reads:    cut_files
select m.tenant, m.source, m.period_start as day, min(m.sent_at) as first_at,
    max(m.sent_at) as last_at
from submissions as m
join (
    select tenant, source, period_end as day from cut_files
    union
    select tenant, source, period_start as day from cut_files
) as f
    on f.tenant = m.tenant and f.source = m.source and f.day = m.period_start
where m.sent_at is not null and m.superseded_by is null
group by m.tenant, m.source, m.period_start
