-- Question: since when does each sender write to each domain?
-- Grain:    one row per tenant, sender and domain of a recipient; as recipient_domains, of days that
--           the store keeps
select tenant, sender_key, domain, min(first_day) as first_day
from recipient_spans
group by tenant, sender_key, domain
