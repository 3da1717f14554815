-- Question: which accounts send in a name that they never sent in before?
-- Grain:    one row per account and From address, of its first days. A name that differs from one
--           it has by a number (a second scanner) or by what is added (an alias) is
--           low, unless it is the first other name and somebody else's
-- Params:   $learning_days, $names, $near_days
with own_names as (
    select tenant, account_key, sender_key, first_day, message_count
    from pairs
    where has_account
), accounts as (
    select tenant, account_key, min(first_day) as account_first_day
    from own_names
    group by tenant, account_key
), owned as (
    -- Names that somebody else has, too: an account, or what two accounts send as.
    select tenant, sender_key
    from (
        select tenant, sender_key, account_key from own_names
        union
        select tenant, account_key as sender_key, account_key from accounts
        union
        select tenant, account_key as sender_key, account_key from account_networks
    ) as named_by
    group by tenant, sender_key
    having count(distinct account_key) > 1
), named as (
    select p.tenant, p.account_key, p.sender_key, p.first_day, a.account_first_day,
        count(case when o.first_day < p.first_day then 1 end) as known_names,
        max_by(o.sender_key, (case when o.first_day < p.first_day then o.message_count else 0 end,
            o.sender_key)) as usual_name,
        count(case when o.first_day > p.first_day + $near_days then 1 end) as later_names,
        case when max(case when translate(split_part(o.sender_key, '@', 1), '0123456789', '')
                = translate(split_part(p.sender_key, '@', 1), '0123456789', '') then 1
            when starts_with(translate(split_part(p.sender_key, '@', 1), '.+_', '---'),
                concat(translate(split_part(o.sender_key, '@', 1), '.+_', '---'), '-')) then 1
            else 0 end) = 1 then 'low' end as severity
    from own_names p
    join accounts a on a.tenant = p.tenant and a.account_key = p.account_key
    join own_names o on o.tenant = p.tenant and o.account_key = p.account_key
        and o.sender_key <> p.sender_key
    where p.first_day - a.account_first_day >= $learning_days and p.sender_key <> p.account_key
    group by p.tenant, p.account_key, p.sender_key, p.first_day, a.account_first_day
)
select n.tenant, 'account' as subject_kind, cast(n.account_key as string) as subject,
    min(coalesce(d.first_sent_at, cast(d.day as timestamp))) as first_seen,
    max(coalesce(d.last_sent_at, cast(d.day as timestamp))) as last_seen,
    cast(sum(d.message_count) as double) as measured, cast(0 as double) as expected,
    cast(sum(d.message_count) as bigint) as evidence_count,
    cast(sum(d.message_count) as double) / max(n.known_names) as score,
    max(case when w.sender_key is null or n.known_names > 1 then n.severity end) as severity,
    cast(n.sender_key as string) as sender_key,
    cast(max(n.usual_name) as string) as usual_name, max(n.known_names) as known_names,
    cast(sum(d.message_count) as bigint) as message_count,
    max(n.first_day - n.account_first_day) as account_age_days,
    max(case when d.first_sent_at is null then 0 else 1 end) = 0 as is_day
from named n
join sent_days d on d.tenant = n.tenant and d.account_key = n.account_key
    and d.sender_key = n.sender_key and d.has_account
    and d.day_number <= n.first_day + $near_days
left join owned w on w.tenant = n.tenant and w.sender_key = n.sender_key
where n.known_names between 1 and $names and n.later_names = 0
group by n.tenant, n.account_key, n.sender_key
