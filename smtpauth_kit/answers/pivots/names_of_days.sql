-- Question: in which name did each account send from where, on the days of a range?
-- Grain:    as of message_places, with a time
-- Params:   $first_number, $last_number (days since 1970)
-- Reads:    message_places
select tenant, account_key, sender_key, client_ip
from message_places
where first_sent_at is not null and day_number >= $first_number and day_number <= $last_number
