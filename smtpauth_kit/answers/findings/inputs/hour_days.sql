-- Question: how much was sent in each hour of each day?
-- Grain:    one row per source, tenant, day, From address and hour, and whether it is ahead of the
--           clock; only of messages that have a time. Kept as daily_by_hour
-- Reads:    counting_rows
select source, tenant, ahead_of_clock, period_start, period_end, sender_key,
    hour(sent_at) as hour_of_day, cast(sum(message_count) as bigint) as message_count
from counting_rows
where sent_at is not null and period_start = period_end and message_count > 0
group by source, tenant, ahead_of_clock, period_start, period_end, sender_key, hour(sent_at)
