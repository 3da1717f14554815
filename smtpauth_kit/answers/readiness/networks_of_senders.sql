-- Question: which senders send from a network that this sender sends from?
-- Grain:    one row per sender and network that they share
-- Params:   $key
-- Reads:    message_places
with own as (
    select distinct tenant, network from message_places where sender_key = $key
)
select distinct p.sender_key, p.network
from message_places p
join own on own.tenant = p.tenant and own.network = p.network
where p.sender_key <> $key
order by p.sender_key, p.network
