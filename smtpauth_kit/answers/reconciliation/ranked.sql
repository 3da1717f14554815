-- Question: which source counts most of a sender in a period, and which fewest?
-- Grain:    one row per tenant, period, sender and source that speaks; it counts 0 where it names
--           the sender not
-- Params:   $compared (in this order where counts are equal)
-- Reads:    sides, speaking
select tenant, period_start, period_end, sender_key, sender_domain, sender_address, source,
    message_count,
    row_number() over (
        partition by tenant, period_start, period_end, sender_key
        order by message_count desc, array_position($compared, source)
    ) as from_largest,
    row_number() over (
        partition by tenant, period_start, period_end, sender_key
        order by message_count, array_position($compared, source)
    ) as from_smallest
from (
    select w.tenant, w.period_start, w.period_end, w.sender_key, w.sender_domain,
        w.sender_address, s.source, coalesce(c.message_count, 0) as message_count
    from (
        select tenant, period_start, period_end, sender_key, sender_domain,
            max(sender_address) as sender_address
        from sides
        group by tenant, period_start, period_end, sender_key, sender_domain
    ) as w
    join speaking as s
        on s.tenant = w.tenant and s.period_start = w.period_start and s.period_end = w.period_end
    left join sides as c
        on c.tenant = w.tenant and c.period_start = w.period_start and c.period_end = w.period_end
        and c.source = s.source and c.sender_key = w.sender_key
) as told
