-- Question: how many accounts authenticated for these messages, where the source names them?
-- Grain:    one row; a message that names no account counts for its sender
-- Reads:    counted_messages
select count(distinct case when account_key <> '' then account_key else sender_key end)
        as account_count,
    coalesce(sum(case when account_key <> '' then 1 else 0 end), 0) as named_count
from counted_messages
where message_count > 0
