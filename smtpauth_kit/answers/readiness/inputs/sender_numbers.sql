-- Question: which senders are there, and how are their addresses written?
-- Grain:    one row per tenant and sender; its number stands for its key where many rows are sorted
-- Reads:    ready_rows
select tenant, sender_key, row_number() over (order by sender_key, tenant) as sender_number,
    max(sender_address) as sender_address, max(sender_domain) as sender_domain
from ready_rows
group by tenant, sender_key
