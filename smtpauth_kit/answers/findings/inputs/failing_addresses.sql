-- Question: at which addresses did accounts fail that did not know the network before?
-- Grain:    one row per tenant, client address and spell of its days: fourteen quiet days end a
--           spell, as slow attempts come hours or days apart. user_count is of all time
with strange as (
    select p.tenant, p.client_ip, p.network, p.account_key, p.day_number, p.failure_count,
        p.first_failed_at, p.last_failed_at
    from account_places p
    join account_networks n on n.tenant = p.tenant and n.account_key = p.account_key
        and n.network = p.network
    where p.failure_count > 0 and (n.first_at is null or p.first_failed_at < n.first_at)
), stepped as (
    select tenant, client_ip, network, account_key, day_number, failure_count, first_failed_at,
        last_failed_at,
        case when day_number - lag(day_number) over (
            partition by tenant, client_ip order by day_number) <= 14
            then 0 else 1 end as is_start
    from strange
), spelled as (
    select tenant, client_ip, network, account_key, failure_count, first_failed_at, last_failed_at,
        sum(is_start) over (partition by tenant, client_ip order by day_number
            range between unbounded preceding and current row) as spell
    from stepped
), users as (
    select tenant, client_ip, count(distinct account_key) as user_count,
        cast(sum(success_count + message_count) as bigint) as use_count
    from account_spans
    where first_at is not null
    group by tenant, client_ip
), counted as (
    select tenant, client_ip, spell, min(network) as network,
        count(distinct account_key) as account_count,
        cast(sum(failure_count) as bigint) as failure_count,
        min(first_failed_at) as first_failed_at, max(last_failed_at) as last_failed_at
    from spelled
    group by tenant, client_ip, spell
)
select c.tenant, c.client_ip, c.spell, c.network, c.account_count, c.failure_count,
    c.first_failed_at, c.last_failed_at, coalesce(u.user_count, 0) as user_count,
    coalesce(u.use_count, 0) as use_count
from counted c
left join users u on u.tenant = c.tenant and u.client_ip = c.client_ip
