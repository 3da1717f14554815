-- Question: to which domains did each sender write on each day?
-- Grain:    one row per source, tenant, day, From address and domain of a recipient, and whether it
--           is ahead of the clock. Kept as daily_by_recipient_domain
-- Reads:    counting_recipients
-- Equal lists are taken apart once: a device writes to the same people every day.
with lists as (
    select source, tenant, ahead_of_clock, period_start, period_end, sender_key, recipients
    from counting_recipients
    where period_start = period_end
    group by source, tenant, ahead_of_clock, period_start, period_end, sender_key, recipients
), one_each as (
    select source, tenant, ahead_of_clock, period_start, period_end, sender_key,
        unnest(recipients) as recipient
    from lists
)
select distinct source, tenant, ahead_of_clock, period_start, period_end, sender_key,
    lower(split_part(recipient, '@', 2)) as domain
from one_each
where recipient like '%@%'
