-- Question: who else is at the addresses that each account used, or failed at?
-- Grain:    one row per tenant, account and client address. Others use it (other_users), or live
--           there: on three days or more (other_residents)
with own as (
    select tenant, account_key, client_ip,
        cast(sum(bit_count(used_days_bits)) as bigint) as used_days
    from account_spans
    group by tenant, account_key, client_ip
), lived as (
    select tenant, client_ip, count(case when used_days >= 3 then 1 end) as residents,
        count(case when used_days >= 1 then 1 end) as users
    from own
    group by tenant, client_ip
)
select o.tenant, o.account_key, o.client_ip, o.used_days,
    l.residents - case when o.used_days >= 3 then 1 else 0 end as other_residents,
    l.users - case when o.used_days >= 1 then 1 else 0 end as other_users
from own o
join lived l on l.tenant = o.tenant and l.client_ip = o.client_ip
