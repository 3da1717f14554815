-- Question: to which domains did these senders write, and is every recipient told?
-- Grain:    one row per tenant, sender and domain of a recipient (what stands after the last @; null:
--           none was told), from what a store keeps of each sixty days
-- Params:   $keys (sender keys, at least one)
-- Reads:    told_by_source
select s.tenant, s.sender_key, case when s.is_last then s.domain end as domain,
    min(case when s.is_untold then 0 else 1 end) as are_all_told
from span_by_recipient_domain s
join told_by_source t on t.tenant = s.tenant and t.sender_key = s.sender_key
    and t.source = s.source
where s.sender_key in (select unnest($keys))
group by s.tenant, s.sender_key, case when s.is_last then s.domain end
