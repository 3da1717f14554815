-- Question: since when does each sender write to each domain?
-- Grain:    one row per tenant, sender and domain of a recipient
-- Reads:    counting_recipients
-- Equal lists are taken apart once: a device writes to the same people every day.
with lists as (
    select tenant, sender_key, recipients, min(period_start) as first_date
    from counting_recipients
    where period_start = period_end
    group by tenant, sender_key, recipients
), one_each as (
    select tenant, sender_key, first_date, unnest(recipients) as recipient
    from lists
)
select tenant, sender_key, lower(split_part(recipient, '@', 2)) as domain,
    date_diff('day', date '1970-01-01', min(first_date)) as first_day
from one_each
where recipient like '%@%'
group by tenant, sender_key, lower(split_part(recipient, '@', 2))
