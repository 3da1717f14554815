-- Question: since when is each sender heard of, from whatever source?
-- Grain:    one row per tenant and sender
select tenant, sender_key,
    min(date_diff('day', date '1970-01-01', period_start)) as first_heard
from counting_senders
group by tenant, sender_key
