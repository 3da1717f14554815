-- Question: who went back to what is worse, after a time without?
-- Grain:    one row per kind (tls, auth), account, From address and return after a clean stretch
-- Params:   $clean_messages, $clean_days, $bad_messages, $window_days, $log_chance, $returns
with mixed as (
    -- Of kind tls, bad is TLS 1.0, 1.1 or none; of kind auth, Basic authentication.
    select 'tls' as kind, tenant, account_key, sender_key
    from pairs
    group by tenant, account_key, sender_key
    having sum(weak_tls_count) >= $bad_messages and sum(strong_tls_count) >= $clean_messages
    union all
    select 'auth' as kind, tenant, account_key, sender_key
    from pairs
    group by tenant, account_key, sender_key
    having sum(basic_count) >= $bad_messages and sum(oauth_count) >= $clean_messages
), judged as (
    select m.kind, p.tenant, p.account_key, p.sender_key, p.day, p.day_number, p.first_sent_at,
        p.last_sent_at,
        case when m.kind = 'tls' then p.weak_tls_count else p.basic_count end as bad,
        case when m.kind = 'tls' then p.strong_tls_count else p.oauth_count end as good
    from sent_days p
    join mixed m on m.tenant = p.tenant and m.account_key = p.account_key
        and m.sender_key = p.sender_key
), told as (
    select kind, tenant, account_key, sender_key, day_number, sum(bad) as bad, sum(good) as good,
        min(coalesce(first_sent_at, cast(day as timestamp))) as first_at,
        max(coalesce(last_sent_at, cast(day as timestamp))) as last_at,
        max(case when first_sent_at is null then 0 else 1 end) = 0 as is_day
    from judged
    where bad + good > 0
    group by kind, tenant, account_key, sender_key, day_number
), totalled as (
    select kind, tenant, account_key, sender_key, day_number, bad, good, first_at, last_at, is_day,
        sum(good) over pair as good_so_far, (sum(good) over pair) - good as good_before,
        sum(bad) over pair as bad_so_far, (sum(bad) over pair) - bad as bad_before,
        min(day_number) over pair as first_day
    from told
    window pair as (partition by kind, tenant, account_key, sender_key order by day_number
        rows between unbounded preceding and current row)
), stretched as (
    select kind, tenant, account_key, sender_key, day_number, bad, first_at, last_at, is_day,
        good_before - coalesce(lag(good_so_far) over pair, 0) as clean_messages,
        bad_before, coalesce(lag(bad_so_far + good_so_far) over pair, 0) as messages_before,
        day_number - coalesce(lag(day_number) over pair + 1, first_day) as clean_days
    from totalled
    where bad > 0
    window pair as (partition by kind, tenant, account_key, sender_key order by day_number)
), begun as (
    select kind, tenant, account_key, sender_key, day_number, clean_messages, clean_days,
        bad_before, messages_before, coalesce(lead(day_number) over (
            partition by kind, tenant, account_key, sender_key
            order by day_number), 1000000) as next_day,
        count(*) over (partition by kind, tenant, account_key, sender_key) as returns
    from stretched
    where clean_messages >= $clean_messages and clean_days >= $clean_days
), after as (
    select b.kind, b.tenant, b.account_key, b.sender_key, b.day_number,
        sum(t.bad) as bad, sum(t.bad + t.good) as messages,
        sum(case when t.day_number < b.day_number + $window_days then t.bad end) as near_bad,
        sum(case when t.day_number < b.day_number + $window_days then t.bad + t.good end)
            as near_messages,
        max(case when t.bad > 0 and t.day_number < b.day_number + $window_days
            then t.day_number end) as last_near_day
    from begun b
    join told t on t.kind = b.kind and t.tenant = b.tenant and t.account_key = b.account_key
        and t.sender_key = b.sender_key
        and t.day_number >= b.day_number and t.day_number < b.next_day
    group by b.kind, b.tenant, b.account_key, b.sender_key, b.day_number
), spells as (
    select a.kind, a.tenant, a.account_key, a.sender_key, a.day_number,
        sum(t.bad + t.good) as spell_messages
    from after a
    join told t on t.kind = a.kind and t.tenant = a.tenant and t.account_key = a.account_key
        and t.sender_key = a.sender_key and t.day_number between a.day_number and a.last_near_day
    group by a.kind, a.tenant, a.account_key, a.sender_key, a.day_number
), shared as (
    -- The share of what came back: of its days alone where it ended within them, else of all days
    -- since. Of before it is rather taken too small: a few messages tell little of a habit.
    select b.kind, b.tenant, b.account_key, b.sender_key, b.day_number, b.next_day,
        b.clean_messages, b.clean_days, a.near_messages,
        cast(a.near_bad as double) / (a.near_messages + 1) as near_share,
        case when a.near_bad = a.bad then cast(a.near_bad as double) / (s.spell_messages + 1)
            else cast(a.bad as double) / (a.messages + 1) end as share_since,
        case when b.bad_before = 0 then 1
            else cast(b.bad_before as double) / (b.messages_before + 5) end as share_before,
        (b.bad_before + 1.0) / (b.messages_before + b.clean_messages + 2.0) as usual_share
    from begun b
    join after a on a.kind = b.kind and a.tenant = b.tenant and a.account_key = b.account_key
        and a.sender_key = b.sender_key and a.day_number = b.day_number
    join spells s on s.kind = b.kind and s.tenant = b.tenant and s.account_key = b.account_key
        and s.sender_key = b.sender_key and s.day_number = b.day_number
    where b.returns <= $returns and a.near_bad >= $bad_messages
), found as (
    select kind, tenant, account_key, sender_key, day_number, next_day, clean_messages, clean_days
    from shared
    -- Who mixed before has had many stretches: one of them must be rarer still.
    where clean_messages * ln(1 - least(share_since, share_before))
            < case when share_before < 1 then 1.5 else 1 end * $log_chance
        or (near_share > usual_share and -near_messages * (near_share * ln(near_share / usual_share)
            + (1 - near_share) * ln((1 - near_share) / (1 - usual_share))) < 1.5 * $log_chance)
)
select f.kind, f.tenant, 'sender' as subject_kind,
    cast(f.sender_key as string) as subject,
    min(t.first_at) as first_seen, max(t.last_at) as last_seen, cast(sum(t.bad) as double) as measured,
    cast(0 as double) as expected, cast(sum(t.bad) as bigint) as evidence_count,
    cast(sum(t.bad) as double) * ln(1 + max(f.clean_messages)) as score,
    cast(f.account_key as string) as account_key,
    cast(sum(t.bad) as bigint) as bad_count, cast(max(f.clean_messages) as bigint)
        as clean_messages, max(f.clean_days) as clean_days,
    min(case when t.is_day then 1 else 0 end) = 1 as is_day
from found f
join told t on t.kind = f.kind and t.tenant = f.tenant and t.account_key = f.account_key
    and t.sender_key = f.sender_key and t.bad > 0 and t.day_number >= f.day_number
    and t.day_number < f.next_day
group by f.kind, f.tenant, f.account_key, f.sender_key, f.day_number
