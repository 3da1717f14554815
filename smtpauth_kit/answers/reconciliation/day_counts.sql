-- Question: how many messages of each sender does each source count, day by day?
-- Grain:    one row per tenant, day, source and sender; reports have no days
-- Params:   $compared
-- Reads:    looked_at, period_days
select p.tenant, p.period_start, p.period_end, p.day, d.source, d.sender_key, d.sender_domain,
    max(d.sender_address) as sender_address,
    cast(sum(d.message_count) as bigint) as message_count
from looked_at as d
join period_days as p on p.tenant = d.tenant and p.day = d.period_start
where d.source <> 'report' and array_contains($compared, d.source)
group by p.tenant, p.period_start, p.period_end, p.day, d.source, d.sender_key, d.sender_domain
