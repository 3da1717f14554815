-- Question: which messages does the source have that counts most, where another counts fewer?
-- Grain:    one row per message, or per count of several; a report has none
-- Reads:    period_days, differing
select d.tenant, d.period_start, d.period_end, d.sender_key, d.larger, d.smaller, p.day, m.sent_at,
    m.client_ip, m.recipients, m.recipient_count, m.message_id, m.network_message_id,
    m.message_count
from submissions as m
join period_days as p on p.tenant = m.tenant and p.day = m.period_start
join differing as d
    on d.tenant = p.tenant and d.period_start = p.period_start and d.period_end = p.period_end
    and d.sender_key = m.sender_key and d.larger = m.source
where m.source <> 'report' and m.superseded_by is null
