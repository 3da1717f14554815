-- Question: which accounts sign in with a program that hands over the password?
-- Grain:    one row per account; where many accounts always did, one row for all of them together
-- Params:   $learning_days, $many_accounts
with agents as (
    select distinct s.user_agent, k.meaning
    from (select distinct user_agent from seen_sign_ins where user_agent <> '') s
    join known_user_agents k on starts_with(lower(s.user_agent), k.starts_with)
), legacy as (
    select s.tenant, s.account_key, min(s.signed_in_at) as first_at, max(s.signed_in_at) as last_at,
        min(s.day_number) as first_day, count(*) as sign_in_count,
        max_by(s.user_agent, s.signed_in_at) as user_agent,
        count(distinct s.user_agent) as agent_count
    from seen_sign_ins s
    join agents a on a.user_agent = s.user_agent
    where s.result = 'success'
    group by s.tenant, s.account_key
), others as (
    select s.tenant, s.account_key, min(s.day_number) as first_day, count(*) as sign_in_count
    from seen_sign_ins s
    left join agents a on a.user_agent = s.user_agent
    where s.result = 'success' and a.user_agent is null
    group by s.tenant, s.account_key
), judged as (
    select l.tenant, l.account_key, l.first_at, l.last_at, l.sign_in_count, l.user_agent,
        coalesce(o.sign_in_count, 0) as other_count,
        coalesce(l.first_day - o.first_day >= $learning_days, false) as is_new
    from legacy l
    left join others o on o.tenant = l.tenant and o.account_key = l.account_key
), habits as (
    select tenant, count(*) as account_count
    from judged
    where not is_new
    group by tenant
)
select j.tenant, 'account' as subject_kind, j.account_key as subject, j.first_at as first_seen,
    j.last_at as last_seen, cast(j.sign_in_count as double) as measured,
    cast(null as double) as expected, j.sign_in_count as evidence_count,
    cast(case when j.is_new then 1000000 else 0 end + j.sign_in_count as double) as score,
    j.user_agent, j.sign_in_count, j.other_count, j.is_new, 1 as account_count
from judged j
left join habits h on h.tenant = j.tenant
where j.is_new or h.account_count <= $many_accounts
union all
select j.tenant, 'tenant' as subject_kind, j.tenant as subject, min(j.first_at) as first_seen,
    max(j.last_at) as last_seen, cast(count(*) as double) as measured,
    cast(null as double) as expected, cast(sum(j.sign_in_count) as bigint) as evidence_count,
    cast(0 as double) as score, max_by(j.user_agent, j.sign_in_count) as user_agent,
    cast(sum(j.sign_in_count) as bigint) as sign_in_count,
    cast(sum(j.other_count) as bigint) as other_count, false as is_new, count(*) as account_count
from judged j
join habits h on h.tenant = j.tenant and h.account_count > $many_accounts
where not j.is_new
group by j.tenant
