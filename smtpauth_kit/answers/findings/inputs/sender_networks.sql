-- Question: from which networks does each sender send?
-- Grain:    one row per tenant, sender and network that messages name
select tenant, sender_key, network, min(day_number) as first_day, max(day_number) as last_day,
    cast(sum(message_count) as bigint) as message_count
from message_places
group by tenant, sender_key, network
