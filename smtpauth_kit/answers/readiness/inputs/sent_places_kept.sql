-- Question: by which accounts and from which client addresses did these senders send?
-- Grain:    as of sent_places, from what a store keeps of each sixty days
-- Params:   $keys (sender keys, at least one)
-- Reads:    told_by_source
select s.tenant, s.sender_key, s.account_key, s.client_ip
from span_by_place s
join told_by_source t on t.tenant = s.tenant and t.sender_key = s.sender_key
    and t.source = s.source
where s.sender_key in (select unnest($keys))
group by s.tenant, s.sender_key, s.account_key, s.client_ip
