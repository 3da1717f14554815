-- Question: who sent although its mailbox may not use SMTP AUTH?
-- Grain:    one row per account and settings that block it: the messages after their day
with of_tenant as (
    select tenant, day, bool_and(smtp_auth_disabled) as is_disabled
    from mailbox_settings
    where address_key = ''
    group by tenant, day
), of_mailbox as (
    select tenant, day, address_key as account_key, bool_or(smtp_auth_disabled) as is_disabled
    from mailbox_settings
    where address_key <> ''
    group by tenant, day, address_key
), inherited as (
    select m.tenant, m.account_key, m.day,
        max_by(t.is_disabled, case when t.day <= m.day then (t.day, t.is_disabled) end)
            as tenant_disabled,
        min_by(t.is_disabled, (t.day, t.is_disabled)) as tenant_disabled_later
    from of_mailbox m
    left join of_tenant t on t.tenant = m.tenant
    where m.is_disabled is null
    group by m.tenant, m.account_key, m.day
), settled as (
    select m.tenant, m.account_key, m.day,
        coalesce(m.is_disabled, i.tenant_disabled, i.tenant_disabled_later) as is_disabled,
        m.is_disabled is null as is_inherited
    from of_mailbox m
    left join inherited i on i.tenant = m.tenant and i.account_key = m.account_key
        and i.day = m.day
), lasting as (
    select tenant, account_key, day, is_disabled, is_inherited,
        lead(day) over (partition by tenant, account_key order by day) as next_day,
        lead(is_disabled) over (partition by tenant, account_key order by day) as next_disabled
    from settled
), blocked as (
    select tenant, account_key, day, is_inherited, next_day,
        date_diff('day', date '1970-01-01', day) as day_number,
        coalesce(date_diff('day', date '1970-01-01', next_day), 1000000) as next_day_number
    from lasting
    where is_disabled and coalesce(next_disabled, true)
), signed_in as (
    select s.tenant, s.account_key, s.day_number, count(*) as sign_in_count
    from seen_sign_ins s
    join (select distinct tenant, account_key from blocked) b
        on b.tenant = s.tenant and b.account_key = s.account_key
    where s.result = 'success'
    group by s.tenant, s.account_key, s.day_number
), sent as (
    select b.tenant, b.account_key, b.day, b.is_inherited, p.day_number, p.has_account,
        p.first_sent_at is null as is_day, cast(sum(p.message_count) as bigint) as message_count,
        min(coalesce(p.first_sent_at, cast(p.day as timestamp))) as first_at,
        max(coalesce(p.last_sent_at, cast(p.day as timestamp))) as last_at
    from blocked b
    join sent_days p on p.tenant = b.tenant and p.account_key = b.account_key
        and p.day_number > b.day_number and p.day_number <= b.next_day_number
    group by b.tenant, b.account_key, b.day, b.is_inherited, p.day_number, p.has_account,
        p.first_sent_at is null
), proven as (
    select s.tenant, s.account_key, s.day, s.is_inherited, s.day_number, s.message_count,
        s.first_at, s.last_at, s.is_day, s.has_account, coalesce(i.sign_in_count, 0)
            as sign_in_count,
        case when s.has_account or i.sign_in_count > 0 then 1 else 0 end as is_proven,
        case when t.first_sign_in_day <= s.day_number and t.last_sign_in_day >= s.day_number
            then 1 else 0 end as sign_ins_told
    from sent s
    join tenants t on t.tenant = s.tenant
    left join signed_in i on i.tenant = s.tenant and i.account_key = s.account_key
        and i.day_number = s.day_number
)
select tenant, 'account' as subject_kind, cast(account_key as string) as subject, min(first_at) as first_seen,
    max(last_at) as last_seen, cast(sum(message_count) as double) as measured,
    cast(0 as double) as expected, cast(sum(message_count) as bigint) as evidence_count,
    cast(sum(message_count) as double) as score,
    case when max(is_proven) = 1 then 'high' else 'medium' end as severity,
    cast(sum(message_count) as bigint) as message_count, max(day) as settings_day,
    min(case when is_inherited then 1 else 0 end) = 1 as is_inherited,
    min(case when is_day then 1 else 0 end) = 1 as is_day
from proven
where is_proven = 1 or sign_ins_told = 0
group by tenant, account_key
