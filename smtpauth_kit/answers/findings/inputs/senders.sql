-- Question: since when is each sender known, from whatever source, and how often did it send?
-- Grain:    one row per tenant and sender that sent on some day
with active as (
    select tenant, sender_key, min(day_number) as first_day, max(day_number) as last_day,
        count(*) as active_days, cast(sum(message_count) as bigint) as message_count,
        max(message_count) as largest_count
    from sender_days
    group by tenant, sender_key
)
select a.tenant, a.sender_key, least(a.first_day, h.first_heard) as first_heard, a.first_day,
    a.last_day, a.active_days, a.message_count, a.largest_count
from active a
join heard_senders h on h.tenant = a.tenant and h.sender_key = a.sender_key
