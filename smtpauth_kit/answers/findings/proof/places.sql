-- Question: on which networks was the subject of a finding used before the finding, and during it?
-- Grain:    one row per network and country of these accounts, those used in the finding's days
--           first. Use is a message or a successful sign-in
-- Params:   $tenant, $accounts, $first_number, $last_number (days since 1970)
-- Reads:    account_places
with told as (
    select p.network, p.country, p.client_ip, p.day_number, p.message_count, p.success_count,
        p.failure_count + p.refused_count as failure_count,
        coalesce(p.first_at, p.first_failed_at) as first_at,
        coalesce(p.last_at, p.last_failed_at) as last_at,
        case when p.first_at is not null then p.day_number end as used_day,
        p.day_number < $first_number as is_before,
        p.day_number between $first_number and $last_number as is_during
    from account_places p
    where p.tenant = $tenant and array_contains($accounts, p.account_key)
), counted as (
    select network, country, array_sort(array_agg(distinct client_ip)) as client_ips,
        count(distinct case when is_before then used_day end) as days_before,
        cast(sum(case when is_before then message_count else 0 end) as bigint) as messages_before,
        cast(sum(case when is_before then success_count else 0 end) as bigint) as successes_before,
        cast(sum(case when is_before then failure_count else 0 end) as bigint) as failures_before,
        cast(sum(case when is_during then message_count else 0 end) as bigint) as messages_during,
        cast(sum(case when is_during then success_count else 0 end) as bigint) as successes_during,
        cast(sum(case when is_during then failure_count else 0 end) as bigint) as failures_during,
        min(first_at) as first_at, max(last_at) as last_at,
        max(case when is_during then 1 else 0 end) as was_during
    from told
    group by network, country
)
select network, country, client_ips, days_before, messages_before, successes_before,
    failures_before, messages_during, successes_during, failures_during, first_at, last_at
from counted
order by was_during desc, days_before, last_at desc, network, country
