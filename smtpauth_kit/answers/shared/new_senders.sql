-- Question: which senders have their first day ever loaded, from any source, in the range?
-- Grain:    one row per sender, in any order
-- Params:   $start
-- Reads:    sender_figures, loaded_by_sender
select *
from sender_figures
where sender_key not in (
    -- Each once: a join with every row of every day takes five times as long.
    select distinct sender_key
    from loaded_by_sender
    where period_end < $start and message_count > 0
)
