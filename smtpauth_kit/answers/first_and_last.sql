-- Question: when was the first and the last message of each tenant and source, where told?
-- Grain:    one row per tenant and source
select tenant, source, min(sent_at) as first_at, max(sent_at) as last_at
from submissions
where sent_at is not null and not ahead_of_clock
group by tenant, source
