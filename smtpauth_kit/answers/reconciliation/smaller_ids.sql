-- Question: which of these messages does the source have that counts fewest, and of whom?
-- Grain:    one row per tenant, source, message id and sender
-- Reads:    larger_messages
select distinct m.tenant, m.source, m.message_id, m.sender_key
from submissions as m
join (
    select distinct tenant, smaller, message_id
    from larger_messages
    where message_id <> ''
) as wanted
    on wanted.tenant = m.tenant and wanted.smaller = m.source
    and wanted.message_id = m.message_id
where m.superseded_by is null
