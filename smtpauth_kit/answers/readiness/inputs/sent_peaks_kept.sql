-- Question: how many recipients had these senders' messages on a day at most?
-- Grain:    as of sent_peaks, from what a store keeps of each day
-- Params:   $keys (sender keys, at least one)
-- Reads:    told_by_source
select tenant, sender_key, max(day_recipients) as peak_recipients
from (
    select d.tenant, d.sender_key, d.period_start, sum(d.recipient_count) as day_recipients
    from daily_by_place d
    join told_by_source t on t.tenant = d.tenant and t.sender_key = d.sender_key
        and t.source = d.source
    where d.sender_key in (select unnest($keys))
    group by d.tenant, d.sender_key, d.period_start
) as days
group by tenant, sender_key
