-- Question: since when, and on how many days, was each account used on each network?
-- Grain:    one row per tenant, account and network; first_day and first_at are null where it only
--           failed there. Of other accounts: how many live there, on three days or more each
with spans as (
    select tenant, account_key, network, span, min(country) as country,
        bit_or(used_days_bits) as used_days_bits, min(first_day) as first_day,
        max(last_day) as last_day, min(first_at) as first_at, max(last_at) as last_at,
        min(first_failed_at) as first_failed_at, sum(success_count) as success_count,
        sum(message_count) as message_count, sum(failure_count) as failure_count,
        sum(refused_count) as refused_count
    from account_spans
    group by tenant, account_key, network, span
), own as (
    select tenant, account_key, network, min(country) as country, min(first_day) as first_day,
        max(last_day) as last_day, cast(sum(bit_count(used_days_bits)) as bigint) as used_days,
        min(first_at) as first_at, max(last_at) as last_at,
        min(first_failed_at) as first_failed_at,
        cast(sum(success_count) as bigint) as success_count,
        cast(sum(message_count) as bigint) as message_count,
        cast(sum(failure_count) as bigint) as failure_count,
        cast(sum(refused_count) as bigint) as refused_count
    from spans
    group by tenant, account_key, network
), lived as (
    select tenant, network, count(case when used_days >= 3 then 1 end) as residents,
        count(case when used_days >= 1 then 1 end) as users
    from own
    group by tenant, network
), begun as (
    select tenant, account_key, min(first_day) as account_first_day
    from own
    group by tenant, account_key
)
select o.tenant, o.account_key, o.network, o.country, o.first_day, o.last_day, o.used_days,
    o.first_at, o.last_at, o.first_failed_at, o.success_count, o.message_count, o.failure_count,
    o.refused_count, b.account_first_day,
    l.residents - case when o.used_days >= 3 then 1 else 0 end as other_residents,
    l.users - case when o.used_days >= 1 then 1 else 0 end as other_users
from own o
join lived l on l.tenant = o.tenant and l.network = o.network
join begun b on b.tenant = o.tenant and b.account_key = o.account_key
