-- Question: from which addresses were passwords of many accounts tried, with next to no success?
-- Grain:    one row per client address and spell; a success there counts first
-- Params:   $accounts, $users_share
with sprays as (
    select tenant, client_ip, network, account_count, failure_count, user_count, first_failed_at,
        last_failed_at
    from failing_addresses
    where account_count >= $accounts and user_count <= greatest(1, $users_share * account_count)
), places as (
    select p.tenant, p.client_ip, min(p.country) as country,
        array_sort(array_agg(distinct cast(p.account_key as string))) as accounts,
        array_sort(array_agg(distinct case when p.first_at is not null then
            cast(p.account_key as string) else '' end)) as got_in
    from account_places p
    join sprays s on s.tenant = p.tenant and s.client_ip = p.client_ip
    group by p.tenant, p.client_ip
)
select s.tenant, 'client_ip' as subject_kind, cast(s.client_ip as string) as subject,
    s.first_failed_at as first_seen, s.last_failed_at as last_seen,
    cast(s.account_count as double) as measured, cast(null as double) as expected,
    s.failure_count as evidence_count,
    cast(s.account_count + 1000 * s.user_count as double) as score,
    concat(p.got_in, p.accounts) as accounts, s.account_count, s.failure_count, s.user_count,
    concat(case when p.country = '' then '' else concat(p.country, ', ') end, s.network) as place
from sprays s
join places p on p.tenant = s.tenant and p.client_ip = s.client_ip
