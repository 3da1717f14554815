-- Question: in which countries was each account used on each day, of those that were in several?
-- Grain:    one row per tenant, account, country and day; client_ip and network are those that were
--           the last to be used for the first time on it
with travellers as (
    select tenant, account_key
    from account_networks
    where first_at is not null and country <> ''
    group by tenant, account_key
    having count(distinct country) > 1
)
select p.tenant, p.account_key, p.country, p.day_number, min(p.first_at) as first_at,
    max(p.last_at) as last_at, cast(sum(p.success_count + p.message_count) as bigint) as use_count,
    max_by(p.client_ip, p.first_at) as client_ip, max_by(p.network, p.first_at) as network
from account_places p
join travellers t on t.tenant = p.tenant and t.account_key = p.account_key
where p.first_at is not null and p.country <> ''
group by p.tenant, p.account_key, p.country, p.day_number
