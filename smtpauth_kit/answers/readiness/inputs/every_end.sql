-- Question: on which days did each sender send first and last, whatever the range?
-- Grain:    one row per sender, over all days loaded of the source that tells of it
-- Reads:    told_by_source
select d.sender_key, min(d.period_start) as first_seen_ever, max(d.period_end) as last_seen_ever
from daily_by_sender d
join told_by_source t on t.tenant = d.tenant and t.sender_key = d.sender_key
    and t.source = d.source
where d.message_count > 0
group by d.sender_key
