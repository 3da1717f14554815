-- Question: which sender domains were ever loaded?
-- Grain:    one row per sender domain, busiest first; message_count is the fullest source's
with by_source as (
    select sender_domain, source, cast(sum(message_count) as bigint) as message_count
    from daily_by_domain
    group by sender_domain, source
)
select sender_domain, max(message_count) as message_count
from by_source
group by sender_domain
order by message_count desc, sender_domain
