-- Question: how many messages does a third source have on the days that a log lacks of a report?
-- Grain:    one row per tenant, period and sender of whom a third source has all of these days; the
--           one that counts most
-- Reads:    differing, missing_days, covered, day_counts
select tenant, period_start, period_end, sender_key, max(message_count) as third_count
from (
    select d.tenant, d.period_start, d.period_end, d.sender_key, c.source,
        cast(coalesce(sum(k.message_count), 0) as bigint) as message_count,
        count(*) as day_count, max(n.day_count) as missing_day_count
    from differing as d
    join missing_days as m
        on m.tenant = d.tenant and m.period_start = d.period_start
        and m.period_end = d.period_end and m.source = d.smaller and not m.is_cut
    join (
        select tenant, period_start, period_end, source, count(*) as day_count
        from missing_days
        where not is_cut
        group by tenant, period_start, period_end, source
    ) as n
        on n.tenant = d.tenant and n.period_start = d.period_start
        and n.period_end = d.period_end and n.source = d.smaller
    join covered as c
        on c.tenant = d.tenant and c.period_start = d.period_start
        and c.period_end = d.period_end and c.day = m.day
    left join day_counts as k
        on k.tenant = d.tenant and k.period_start = d.period_start
        and k.period_end = d.period_end and k.source = c.source
        and k.sender_key = d.sender_key and k.day = m.day
    where d.larger = 'report'
    group by d.tenant, d.period_start, d.period_end, d.sender_key, c.source
) as told
where day_count = missing_day_count
group by tenant, period_start, period_end, sender_key
