-- Question: which senders sent before the range and nothing in it?
-- Grain:    one row per sender, the one that usually sends most first
-- Reads:    gone_senders
select sender_address, sender_domain, first_seen, last_seen, message_count, period_count,
    usual_count
from gone_senders
order by usual_count desc, sender_address
