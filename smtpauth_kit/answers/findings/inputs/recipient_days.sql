-- Question: to which domains did each sender send on each day?
-- Grain:    one row per tenant, sender, day and domain of a recipient
with one_each as (
    select tenant, sender_key, date_diff('day', date '1970-01-01', period_start) as day_number,
        unnest(recipients) as recipient
    from counting_recipients
)
select tenant, sender_key, day_number, lower(split_part(recipient, '@', 2)) as domain,
    count(*) as recipient_count
from one_each
where recipient like '%@%'
group by tenant, sender_key, day_number, lower(split_part(recipient, '@', 2))
