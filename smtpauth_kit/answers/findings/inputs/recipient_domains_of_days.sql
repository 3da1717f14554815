-- Question: since when does each sender write to each domain?
-- Grain:    one row per tenant, sender and domain of a recipient; as recipient_domains, of days that
--           the store keeps
select tenant, sender_key, domain,
    date_diff('day', date '1970-01-01', min(period_start)) as first_day
from recipient_days
group by tenant, sender_key, domain
