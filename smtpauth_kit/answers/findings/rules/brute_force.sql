-- Question: which accounts failed again and again from where they were never used?
-- Grain:    one row per account and spell of days with failures from networks unknown to it
-- Params:   $failures, $pause_days, $spray_accounts, $users_share, $residents, $users
with sprays as (
    select distinct tenant, client_ip
    from failing_addresses
    where account_count >= $spray_accounts
        and user_count <= greatest(1, $users_share * account_count)
), strange as (
    select p.tenant, p.account_key, p.client_ip, p.network, p.country, p.day_number,
        p.failure_count, p.first_failed_at, p.last_failed_at
    from account_places p
    join account_networks n on n.tenant = p.tenant and n.account_key = p.account_key
        and n.network = p.network
    join account_addresses a on a.tenant = p.tenant and a.account_key = p.account_key
        and a.client_ip = p.client_ip
    left join sprays s on s.tenant = p.tenant and s.client_ip = p.client_ip
    where p.failure_count > 0 and s.client_ip is null and a.other_residents < $residents
        and a.other_users < $users
        and (n.first_at is null or p.first_failed_at < n.first_at)
), stepped as (
    select tenant, account_key, client_ip, network, country, day_number, failure_count,
        first_failed_at, last_failed_at,
        case when day_number - lag(day_number) over (
            partition by tenant, account_key order by day_number) <= $pause_days
            then 0 else 1 end as is_start
    from strange
), spelled as (
    select tenant, account_key, client_ip, failure_count, first_failed_at, last_failed_at,
        concat(client_ip, ' (', case when country = '' then '' else concat(country, ', ') end,
            network, ')') as where_from,
        sum(is_start) over (partition by tenant, account_key order by day_number
            range between unbounded preceding and current row) as spell
    from stepped
)
select tenant, 'account' as subject_kind, cast(account_key as string) as subject,
    min(first_failed_at) as first_seen, max(last_failed_at) as last_seen,
    cast(sum(failure_count) as double) as measured, cast(null as double) as expected,
    cast(sum(failure_count) as bigint) as evidence_count,
    cast(sum(failure_count) as double) as score,
    cast(sum(failure_count) as bigint) as failure_count,
    count(distinct client_ip) as client_ip_count,
    max_by(where_from, (failure_count, where_from)) as where_from
from spelled
group by tenant, account_key, spell
having sum(failure_count) >= $failures
