-- Question: since when does each sender write to each domain?
-- Grain:    one row per tenant, sender and domain of a recipient
-- Equal lists are taken apart once: a device writes to the same people every day.
with lists as (
    select tenant, sender_key, recipients,
        min(date_diff('day', date '1970-01-01', period_start)) as day_number
    from counting_recipients
    group by tenant, sender_key, recipients
), one_each as (
    select tenant, sender_key, day_number, unnest(recipients) as recipient
    from lists
)
select tenant, sender_key, lower(split_part(recipient, '@', 2)) as domain,
    min(day_number) as first_day
from one_each
where recipient like '%@%'
group by tenant, sender_key, lower(split_part(recipient, '@', 2))
