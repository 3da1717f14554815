-- Question: in which name did each account ever send from where?
-- Grain:    as of sent_spans, with a client address and a time
-- Reads:    sent_spans_asked
select tenant, account_key, sender_key, client_ip
from sent_spans_asked
where client_ip <> '' and first_sent_at is not null
