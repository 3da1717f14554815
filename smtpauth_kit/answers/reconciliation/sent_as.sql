-- Question: how many messages does one source count under the account and the other under From?
-- Grain:    one row per tenant, period and sender
-- Reads:    differing, named_accounts, sides
-- Only as many as the source with the fewer of this address has more of the other one.
select d.tenant, d.period_start, d.period_end, d.sender_key,
    cast(sum(least(d.message_count,
        greatest(coalesce(s.message_count, 0) - coalesce(l.message_count, 0), 0))) as bigint)
        as sent_as_count
from (
    select d.tenant, d.period_start, d.period_end, d.sender_key, d.larger, d.smaller,
        n.sender_key as other_key, n.message_count
    from differing as d
    join named_accounts as n
        on n.tenant = d.tenant and n.period_start = d.period_start
        and n.period_end = d.period_end and n.source = d.smaller and n.account_key = d.sender_key
    union all
    select d.tenant, d.period_start, d.period_end, d.sender_key, d.larger, d.smaller,
        n.account_key as other_key, n.message_count
    from differing as d
    join named_accounts as n
        on n.tenant = d.tenant and n.period_start = d.period_start
        and n.period_end = d.period_end and n.source = d.larger and n.sender_key = d.sender_key
) as d
left join sides as s
    on s.tenant = d.tenant and s.period_start = d.period_start and s.period_end = d.period_end
    and s.source = d.smaller and s.sender_key = d.other_key
left join sides as l
    on l.tenant = d.tenant and l.period_start = d.period_start and l.period_end = d.period_end
    and l.source = d.larger and l.sender_key = d.other_key
group by d.tenant, d.period_start, d.period_end, d.sender_key
