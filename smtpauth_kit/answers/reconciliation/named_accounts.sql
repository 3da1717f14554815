-- Question: which accounts sent under another address, as each source tells?
-- Grain:    one row per tenant, period, source, account and sender
-- Params:   $compared
-- Reads:    period_days
select p.tenant, p.period_start, p.period_end, m.source, m.account_key, m.sender_key,
    cast(sum(m.message_count) as bigint) as message_count
from submissions as m
join period_days as p on p.tenant = m.tenant and p.day = m.period_start
where m.account_key <> '' and m.account_key <> m.sender_key and m.superseded_by is null
    and array_contains($compared, m.source)
group by p.tenant, p.period_start, p.period_end, m.source, m.account_key, m.sender_key
