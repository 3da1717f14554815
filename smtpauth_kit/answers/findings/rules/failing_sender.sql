-- Question: which accounts fail for hours from where they are used, with no success between?
-- Grain:    one row per account and run of failures that no success of the account interrupts
-- Params:   $failures, $hours
with failing as (
    select tenant, account_key
    from account_networks
    where first_at is not null
    group by tenant, account_key
    having sum(failure_count + refused_count) >= $failures
), attempts as (
    select s.tenant, s.account_key, s.signed_in_at, s.day_number, s.result, s.client_ip,
        s.network, s.error_code, n.first_at,
        sum(case when s.result = 'success' then 1 else 0 end) over (
            partition by s.tenant, s.account_key order by s.signed_in_at
            range between unbounded preceding and current row) as run
    from seen_sign_ins s
    join failing f on f.tenant = s.tenant and f.account_key = s.account_key
    join account_networks n on n.tenant = s.tenant and n.account_key = s.account_key
        and n.network = s.network
    where n.first_at is not null
), runs as (
    select tenant, account_key, run, min(signed_in_at) as first_failed_at,
        max(signed_in_at) as last_failed_at, count(*) as failure_count,
        max_by(client_ip, (signed_in_at, client_ip, error_code)) as client_ip,
        max_by(network, (signed_in_at, client_ip, error_code)) as network,
        max_by(error_code, (signed_in_at, client_ip, error_code)) as error_code
    from attempts
    where result = 'failure' and signed_in_at > first_at
    group by tenant, account_key, run
)
select tenant, 'account' as subject_kind, cast(account_key as string) as subject, first_failed_at as first_seen,
    last_failed_at as last_seen, cast(failure_count as double) as measured,
    cast(0 as double) as expected, failure_count as evidence_count,
    cast(failure_count as double) as score, failure_count,
    case when error_code = '' then '?' else cast(error_code as string) end as error_code,
    concat(client_ip, ' (', network, ')') as where_from
from runs
where failure_count >= $failures and first_failed_at + $hours * interval '1' hour <= last_failed_at
