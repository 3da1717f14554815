-- Question: which sender domains sent most, and how much did all others together?
-- Grain:    one row per domain of the $top busiest, then one of all others (sender_domain is null)
-- Params:   $top
-- Reads:    counted
with added as (
    select sender_domain, sum(message_count) as message_count
    from counted
    group by sender_domain
    having sum(message_count) > 0
), ranked as (
    select sender_domain, message_count,
        row_number() over (order by message_count desc, sender_domain) as place
    from added
), grouped as (
    select least(place, $top + 1) as place,
        max(case when place <= $top then sender_domain end) as sender_domain,
        count(*) as domain_count, cast(sum(message_count) as bigint) as message_count
    from ranked
    group by least(place, $top + 1)
)
select sender_domain, domain_count, message_count from grouped order by place
