-- Question: which of these senders has any export that is loaded?
-- Grain:    one row per sender
-- Params:   $keys (sender keys, at least one)
select distinct sender_key from daily_by_sender where sender_key in (select unnest($keys))
