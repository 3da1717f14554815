-- Question: from which addresses did this sender send?
-- Grain:    one row per client IP
with counted_rows as (/* counted: submissions */)
select client_ip, sum(message_count)::bigint as message_count
from counted_rows
where client_ip <> ''
group by client_ip
order by client_ip
