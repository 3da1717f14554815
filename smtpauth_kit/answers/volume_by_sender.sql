-- Question: which senders sent most, and how much did all others together?
-- Grain:    one row per sender of the $top busiest, then one of all others (sender_address is null)
-- Params:   $top
-- Reads:    counted_by_sender
with added as (
    select max(sender_address) as sender_address, sum(message_count) as message_count
    from counted_by_sender
    group by sender_key
    having sum(message_count) > 0
), ranked as (
    select sender_address, message_count,
        row_number() over (order by message_count desc, sender_address) as place
    from added
), grouped as (
    select least(place, $top + 1) as place,
        max(case when place <= $top then sender_address end) as sender_address,
        count(*) as sender_count, cast(sum(message_count) as bigint) as message_count
    from ranked
    group by least(place, $top + 1)
)
select sender_address, sender_count, message_count from grouped order by place
