-- Question: what did each sender send on each day?
-- Grain:    one row per tenant, sender and day on which it sent; weekday 0 is Monday
select tenant, sender_key, day, day_number, (day_number + 3) % 7 as weekday,
    cast(sum(message_count) as bigint) as message_count,
    cast(sum(recipient_count) as bigint) as recipient_count,
    max(largest_recipient_count) as largest_recipient_count,
    min(coalesce(first_sent_at, cast(day as timestamp))) as first_at,
    max(coalesce(last_sent_at, cast(day as timestamp))) as last_at,
    min(case when first_sent_at is null then 1 else 0 end) = 1 as is_day
from sent_days
group by tenant, sender_key, day, day_number
