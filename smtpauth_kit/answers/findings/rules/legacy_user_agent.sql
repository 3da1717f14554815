-- Question: which accounts sign in with a program that hands over the password?
-- Grain:    one row per account and program; where many accounts always used a program, one row for
--           all of them together
-- Params:   $learning_days, $many_accounts, $missed
with agents as (
    select s.user_agent, min(k.starts_with) as program
    from (select distinct user_agent from attempt_spans where user_agent <> '') s
    join known_user_agents k on starts_with(lower(s.user_agent), k.starts_with)
    group by s.user_agent
), used as (
    select s.tenant, s.account_key, coalesce(a.program, '') as program,
        min(s.first_at) as first_at, max(s.last_at) as last_at, min(s.first_day) as first_day,
        max(s.last_day) as last_day, cast(sum(s.attempt_count) as bigint) as sign_in_count,
        max_by(s.user_agent, (s.last_at, s.user_agent)) as user_agent
    from attempt_spans s
    left join agents a on a.user_agent = s.user_agent
    where s.result = 'success' and s.account_key <> ''
    group by s.tenant, s.account_key, coalesce(a.program, '')
), judged as (
    select l.tenant, l.account_key, l.program, l.first_at, l.last_at, l.sign_in_count,
        l.user_agent, cast(coalesce(sum(o.sign_in_count), 0) as bigint) as other_count,
        -- What is used now and then starts late by chance: so often it would have been used before.
        coalesce(l.first_day - min(o.first_day) >= $learning_days
            and (l.first_day - min(o.first_day)) * l.sign_in_count
                >= $missed * (l.last_day - l.first_day + 1), false) as is_new
    from used l
    left join used o on o.tenant = l.tenant and o.account_key = l.account_key
        and o.program <> l.program
    where l.program <> ''
    group by l.tenant, l.account_key, l.program, l.first_at, l.last_at, l.sign_in_count,
        l.user_agent, l.first_day, l.last_day
), habits as (
    select tenant, program, count(*) as account_count
    from judged
    where not is_new
    group by tenant, program
)
select j.tenant, 'account' as subject_kind, cast(j.account_key as string) as subject, j.first_at as first_seen,
    j.last_at as last_seen, cast(j.sign_in_count as double) as measured,
    cast(null as double) as expected, j.sign_in_count as evidence_count,
    cast(case when j.is_new then 1000000 else 0 end + j.sign_in_count as double) as score,
    cast(j.user_agent as string) as user_agent, j.sign_in_count, j.other_count, 1 as account_count, '' as apart
from judged j
left join habits h on h.tenant = j.tenant and h.program = j.program
where j.is_new or h.account_count <= $many_accounts
union all
select j.tenant, 'tenant' as subject_kind,
    case when j.tenant = '' then 'the tenant' else j.tenant end as subject,
    min(j.first_at) as first_seen, max(j.last_at) as last_seen,
    cast(count(*) as double) as measured,
    cast(null as double) as expected, cast(sum(j.sign_in_count) as bigint) as evidence_count,
    cast(0 as double) as score,
    cast(max_by(j.user_agent, (j.sign_in_count, j.user_agent)) as string) as user_agent,
    cast(sum(j.sign_in_count) as bigint) as sign_in_count,
    cast(sum(j.other_count) as bigint) as other_count, count(*) as account_count, j.program as apart
from judged j
join habits h on h.tenant = j.tenant and h.program = j.program
    and h.account_count > $many_accounts
where not j.is_new
group by j.tenant, j.program
