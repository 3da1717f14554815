-- Question: by which accounts and from which client addresses did these senders send?
-- Grain:    one row per tenant, sender, account and client address; either is empty where it is not
--           told
-- Reads:    asked_messages
select tenant, sender_key, account_key, client_ip
from asked_messages
group by tenant, sender_key, account_key, client_ip
