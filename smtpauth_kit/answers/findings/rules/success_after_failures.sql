-- Question: which accounts were got into, after failures, from where they were never used before?
-- Grain:    one row per account and network: the first use of it
-- Params:   $failures, $failures_unknown, $within_days, $learning_days, $spray_accounts,
--           $users_share, $residents, $users
with sprays as (
    select tenant, client_ip, min(first_failed_at) as first_failed_at
    from failing_addresses
    where account_count >= $spray_accounts
        and user_count <= greatest(1, $users_share * account_count)
    group by tenant, client_ip
), entered as (
    select tenant, account_key, network, country, first_day, first_at, last_at, account_first_day,
        success_count + message_count as use_count
    from account_networks
    where first_at is not null and failure_count > 0 and first_failed_at < first_at
), attempts as (
    select e.tenant, e.account_key, e.network, count(*) as failure_count,
        min(s.signed_in_at) as first_failed_at,
        max_by(s.client_ip, (s.signed_in_at, s.client_ip)) as client_ip
    from entered e
    join seen_sign_ins s on s.tenant = e.tenant and s.account_key = e.account_key
        and s.network = e.network and s.result = 'failure' and s.signed_in_at < e.first_at
        and s.day_number >= e.first_day - $within_days
    join account_addresses a on a.tenant = e.tenant and a.account_key = e.account_key
        and a.client_ip = s.client_ip and a.other_residents < $residents
        and a.other_users < $users
    group by e.tenant, e.account_key, e.network
), guessed as (
    select e.tenant, e.account_key, e.network, e.country, a.client_ip, a.failure_count,
        cast(null as bigint) as account_count, a.first_failed_at, e.first_at, e.last_at,
        e.use_count
    from entered e
    join attempts a on a.tenant = e.tenant and a.account_key = e.account_key
        and a.network = e.network
    where a.failure_count >= case
        when e.first_day - e.account_first_day >= $learning_days then $failures
        else $failures_unknown end
), sprayed as (
    select p.tenant, p.account_key, min(p.network) as network, min(p.country) as country,
        p.client_ip, cast(sum(p.failure_count) as bigint) as failure_count,
        min(s.first_failed_at) as first_failed_at, min(p.first_at) as first_at,
        max(p.last_at) as last_at,
        cast(sum(p.success_count + p.message_count) as bigint) as use_count
    from account_places p
    join sprays s on s.tenant = p.tenant and s.client_ip = p.client_ip
    group by p.tenant, p.account_key, p.client_ip
    having min(p.first_at) > min(s.first_failed_at)
), tried as (
    select s.tenant, s.client_ip, count(distinct p.account_key) as account_count
    from sprays s
    join account_places p on p.tenant = s.tenant and p.client_ip = s.client_ip
        and p.failure_count > 0
    group by s.tenant, s.client_ip
), found as (
    select s.tenant, s.account_key, s.network, s.country, s.client_ip, s.failure_count,
        t.account_count, s.first_failed_at, s.first_at, s.last_at, s.use_count
    from sprayed s
    join tried t on t.tenant = s.tenant and t.client_ip = s.client_ip
    union all
    select g.tenant, g.account_key, g.network, g.country, g.client_ip, g.failure_count,
        g.account_count, g.first_failed_at, g.first_at, g.last_at, g.use_count
    from guessed g
    left join sprayed s on s.tenant = g.tenant and s.account_key = g.account_key
        and s.network = g.network
    where s.account_key is null
)
select tenant, 'account' as subject_kind, cast(account_key as string) as subject, first_at as first_seen,
    last_at as last_seen, cast(failure_count as double) as measured,
    cast(0 as double) as expected, failure_count + use_count as evidence_count,
    cast(failure_count + use_count + 100 * coalesce(account_count, 0) as double) as score,
    failure_count, use_count, coalesce(account_count, 1) as tried_count, first_failed_at,
    concat(client_ip, ' (', case when country = '' then '' else concat(country, ', ') end,
        network, ')') as where_from
from found
