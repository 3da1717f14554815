-- Question: which accounts came near the limits that Exchange Online sets?
-- Grain:    one row per account and day; of a habit one per account
-- Params:   $near_a_minute, $near_a_day, $habit_weeks
with limits as (
    select max(case when name = 'messages_per_minute' then value end) as a_minute,
        max(case when name = 'recipients_per_day' then value end) as a_day
    from service_limits
), several as (
    -- Names of accounts that send in more than one.
    select distinct p.tenant, p.sender_key
    from pairs p
    join (
        select tenant, account_key from pairs
        group by tenant, account_key
        having count(distinct sender_key) > 1
    ) as m on m.tenant = p.tenant and m.account_key = p.account_key
), busy as (
    -- Hours that can hold such a minute; an account that sends as two is found at half of each.
    select distinct h.tenant, h.sender_key, h.hour_of_day, cast(date '1970-01-01'
        + cast(h.night - case when h.hour_of_day >= 12 then 1 else 0 end as int) as date) as day
    from sender_hours h
    cross join limits l
    left join several s on s.tenant = h.tenant and s.sender_key = h.sender_key
    where h.message_count >= 0.5 * $near_a_minute * l.a_minute
        and h.message_count >= case when s.sender_key is null then 1.0 else 0.5 end
            * $near_a_minute * l.a_minute
), minutes as (
    select m.tenant, m.account_key, date_diff('day', date '1970-01-01', m.day) as day_number,
        date_trunc('minute', m.sent_at) as minute, sum(m.message_count) as message_count,
        min(m.sent_at) as first_at, max(m.sent_at) as last_at
    from seen_messages m
    join busy b
        on b.tenant = m.tenant and b.sender_key = m.sender_key and b.day = m.day
        and b.hour_of_day - hour(m.sent_at) = 0
    group by m.tenant, m.account_key, m.day, date_trunc('minute', m.sent_at)
), crowded as (
    select tenant, account_key, day_number, max(message_count) as most,
        sum(message_count) as message_count, min(first_at) as first_at,
        max(last_at) as last_at
    from minutes
    cross join limits
    where message_count >= $near_a_minute * a_minute
    group by tenant, account_key, day_number
), large as (
    select distinct tenant, sender_key from sender_days
    cross join limits
    where recipient_count >= 0.5 * $near_a_day * a_day
), all_account_days as (
    select m.tenant, m.account_key, m.day_number, sum(m.recipient_count) as recipient_count,
        sum(m.message_count) as message_count,
        min(coalesce(m.first_sent_at, cast(m.day as timestamp))) as first_at,
        max(coalesce(m.last_sent_at, cast(m.day as timestamp))) as last_at
    from sent_days m
    join large l on l.tenant = m.tenant and l.sender_key = m.sender_key
    where m.recipient_count is not null
    group by m.tenant, m.account_key, m.day_number
), account_days as (
    select tenant, account_key, day_number, recipient_count, message_count, first_at, last_at,
        usual
    from (
        select tenant, account_key, day_number, recipient_count, message_count, first_at, last_at,
            median(recipient_count) over (partition by tenant, account_key) as usual
        from all_account_days
    ) as a
    cross join limits
    where recipient_count >= $near_a_day * a_day
), near as (
    select tenant, account_key, day_number, first_at, last_at, message_count, most,
        most / a_minute as share, 'minute' as limited, false as is_usual, a_minute as most_allowed
    from crowded
    cross join limits
    union all
    select tenant, account_key, day_number, first_at, last_at, message_count, recipient_count,
        recipient_count / a_day, 'day', usual >= 0.5 * recipient_count, a_day
    from account_days
    cross join limits
), habits as (
    -- Who comes near a limit week after week is let to: a fact about a batch, told once.
    select tenant, account_key, limited,
        count(distinct floor(day_number / 7)) >= $habit_weeks or bool_and(is_usual) as is_habit
    from near
    group by tenant, account_key, limited
)
select n.tenant, 'account' as subject_kind, cast(n.account_key as string) as subject,
    min(n.first_at) as first_seen, max(n.last_at) as last_seen,
    cast(max(n.most) as double) as measured, cast(null as double) as expected,
    cast(sum(n.message_count) as bigint) as evidence_count, cast(max(n.share) as double) as score,
    case when h.is_habit then 'low' end as severity, n.limited, count(*) as days,
    cast(max(n.most_allowed) as bigint) as most_allowed
from near n
join habits h
    on h.tenant = n.tenant and h.account_key = n.account_key and h.limited = n.limited
group by n.tenant, n.account_key, n.limited, h.is_habit,
    case when h.is_habit then 0 else n.day_number end
