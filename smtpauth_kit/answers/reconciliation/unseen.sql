-- Question: how many of these messages came from clients that the other source never saw?
-- Grain:    one row per tenant, period and sender; linked_count: its id stands under another sender
-- Params:   $seeing (sources that tell ids and clients, each as TENANT|SOURCE)
-- Reads:    lacking, seen_clients
select l.tenant, l.period_start, l.period_end, l.sender_key,
    cast(sum(case when l.is_elsewhere then l.message_count else 0 end) as bigint) as linked_count,
    cast(sum(case
        when l.is_covered and not l.is_elsewhere and l.client_ip <> '' and s.client_ip is null
            and array_contains($seeing, concat(l.tenant, '|', l.smaller))
            then l.message_count else 0 end) as bigint) as unseen_count,
    count(distinct case
        when l.is_covered and not l.is_elsewhere and l.client_ip <> '' and s.client_ip is null
            then l.client_ip end) as unseen_client_count
from lacking as l
left join seen_clients as s
    on s.tenant = l.tenant and s.source = l.smaller and s.client_ip = l.client_ip
group by l.tenant, l.period_start, l.period_end, l.sender_key
