-- Question: which accounts send in a name that they never sent in before?
-- Grain:    one row per account and From address, of its first days. A name that differs from one
--           it has by a number (a second scanner) or by what is added (an alias) is
--           low, unless it is the first other name and somebody else's
-- Params:   $learning_days, $names, $near_days
with pairs as (
    select tenant, account_key, sender_key, min(day_number) as first_day,
        count(*) as active_days, cast(sum(message_count) as bigint) as message_count
    from pair_days
    where has_account
    group by tenant, account_key, sender_key
), accounts as (
    select tenant, account_key, min(first_day) as account_first_day
    from pairs
    group by tenant, account_key
), owned as (
    -- Names that somebody else has, too: an account, or what two accounts send as.
    select tenant, sender_key
    from (
        select tenant, sender_key, account_key from pairs
        union
        select tenant, account_key as sender_key, account_key from accounts
        union
        select tenant, account_key as sender_key, account_key from seen_sign_ins
    ) as named_by
    group by tenant, sender_key
    having count(distinct account_key) > 1
), named as (
    select p.tenant, p.account_key, p.sender_key, p.first_day, a.account_first_day,
        count(case when o.first_day < p.first_day then 1 end) as known_names,
        max_by(o.sender_key, case when o.first_day < p.first_day then o.message_count else 0 end)
            as usual_name,
        count(case when o.first_day > p.first_day + $near_days then 1 end) as later_names,
        case when max(case when translate(split_part(o.sender_key, '@', 1), '0123456789', '')
                = translate(split_part(p.sender_key, '@', 1), '0123456789', '') then 1
            when starts_with(translate(split_part(p.sender_key, '@', 1), '.+_', '---'),
                concat(translate(split_part(o.sender_key, '@', 1), '.+_', '---'), '-')) then 1
            else 0 end) = 1 then 'low' end as severity
    from pairs p
    join accounts a on a.tenant = p.tenant and a.account_key = p.account_key
    join pairs o on o.tenant = p.tenant and o.account_key = p.account_key
        and o.sender_key <> p.sender_key
    where p.first_day - a.account_first_day >= $learning_days and p.sender_key <> p.account_key
    group by p.tenant, p.account_key, p.sender_key, p.first_day, a.account_first_day
)
select n.tenant, 'account' as subject_kind, n.account_key as subject,
    min(d.first_at) as first_seen, max(d.last_at) as last_seen,
    cast(sum(d.message_count) as double) as measured, cast(0 as double) as expected,
    cast(sum(d.message_count) as bigint) as evidence_count,
    cast(sum(d.message_count) as double) / max(n.known_names) as score,
    max(case when w.sender_key is null or n.known_names > 1 then n.severity end) as severity,
    n.sender_key,
    max(n.usual_name) as usual_name, max(n.known_names) as known_names,
    cast(sum(d.message_count) as bigint) as message_count,
    max(n.first_day - n.account_first_day) as account_age_days,
    min(case when d.is_day then 1 else 0 end) = 1 as is_day
from named n
join pair_days d on d.tenant = n.tenant and d.account_key = n.account_key
    and d.sender_key = n.sender_key and d.has_account
    and d.day_number <= n.first_day + $near_days
left join owned w on w.tenant = n.tenant and w.sender_key = n.sender_key
where n.known_names between 1 and $names and n.later_names = 0
group by n.tenant, n.account_key, n.sender_key
