-- Question: by which message is it known that two sources of a tenant tell of the same mail?
-- Grain:    one row per tenant and two sources that have a message id in common
with ids as (
    select distinct tenant, source, message_id from submissions where message_id <> ''
)
select min(one.message_id) as message_id
from ids one
join ids other
    on other.tenant = one.tenant and other.message_id = one.message_id and one.source < other.source
group by one.tenant, one.source, other.source
