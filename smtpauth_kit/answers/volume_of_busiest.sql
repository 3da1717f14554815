-- Question: how many messages did the busiest sender domains send in each period, and all others?
-- Grain:    one row per period, domain of the $top busiest, then all others (sender_domain is null)
-- Params:   $top
-- Reads:    counted
with added as (
    select sender_domain, sum(message_count) as message_count
    from counted
    group by sender_domain
    having sum(message_count) > 0
), ranked as (
    select sender_domain, row_number() over (order by message_count desc, sender_domain) as place
    from added
), placed as (
    select counted.period_start, counted.period_end, least(ranked.place, $top + 1) as place,
        case when ranked.place <= $top then counted.sender_domain end as sender_domain,
        counted.message_count
    from counted
    join ranked on ranked.sender_domain = counted.sender_domain
)
select place, period_start, period_end, sender_domain,
    cast(sum(message_count) as bigint) as message_count
from placed
group by place, period_start, period_end, sender_domain
having sum(message_count) > 0
order by place, period_start, period_end
