-- Question: which senders sent before the range, and of which has no source anything in it?
-- Grain:    one row per sender, in any order; message_count is of all days before,
--           message_count_before of as many days as the range has
-- Params:   $before_start, $start, $end
-- Reads:    counted_earlier, loaded_by_sender
select max(sender_address) as sender_address, sender_domain,
    min(period_start) as first_seen, max(period_end) as last_seen,
    cast(sum(message_count) as bigint) as message_count,
    count(distinct period_start) as period_count,
    sum(message_count) / count(distinct period_start) as usual_count,
    cast(sum(case when period_start >= $before_start then message_count else 0 end) as bigint)
        as message_count_before
from counted_earlier
where message_count > 0 and sender_key not in (
    select distinct sender_key from loaded_by_sender
    where period_start >= $start and period_end <= $end and message_count > 0
)
group by sender_key, sender_domain
