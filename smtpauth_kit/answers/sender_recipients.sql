-- Question: to which domains did this sender write, and since when?
-- Grain:    one row per domain of a recipient, the one written to first last of all first
-- Reads:    counted_messages
-- Equal lists are taken apart once: a device writes to the same people every day.
with lists as (
    select recipients, period_start, period_end,
        cast(sum(message_count) as bigint) as message_count
    from counted_messages
    group by recipients, period_start, period_end
), one_each as (
    select recipients, period_start, period_end, message_count, unnest(recipients) as recipient
    from lists
), addressed as (
    select distinct recipients, period_start, period_end, message_count,
        lower(split_part(recipient, '@', 2)) as domain
    from one_each
    where recipient like '%@%'
)
select domain, cast(sum(message_count) as bigint) as message_count,
    count(distinct period_start) as day_count, min(period_start) as first_seen,
    max(period_end) as last_seen
from addressed
group by domain
order by first_seen desc, message_count desc, domain
