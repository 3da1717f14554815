-- Question: which messages with an id lacks the source that counts fewest under their sender?
-- Grain:    one row per message, or per count of several; is_elsewhere: it has that id of another
--           sender; is_covered: it has the day
-- Reads:    larger_messages, smaller_ids, covered
select l.tenant, l.period_start, l.period_end, l.sender_key, l.smaller, l.client_ip,
    l.message_count, other.message_id is not null as is_elsewhere, c.day is not null as is_covered
from larger_messages as l
left join smaller_ids as own
    on own.tenant = l.tenant and own.source = l.smaller and own.message_id = l.message_id
    and own.sender_key = l.sender_key
left join (select distinct tenant, source, message_id from smaller_ids) as other
    on other.tenant = l.tenant and other.source = l.smaller and other.message_id = l.message_id
left join covered as c
    on c.tenant = l.tenant and c.period_start = l.period_start and c.period_end = l.period_end
    and c.source = l.smaller and c.day = l.day
where l.message_id <> '' and own.message_id is null
