-- Question: which accounts came near the limits that Exchange Online sets?
-- Grain:    one row per account and day
-- Params:   $messages_a_minute, $recipients_a_day
with busy as (
    select distinct tenant, sender_key, day_number from sender_days
    where message_count >= $messages_a_minute
), minutes as (
    select m.tenant, m.account_key, m.day_number, date_trunc('minute', m.sent_at) as minute,
        sum(m.message_count) as message_count, min(m.sent_at) as first_at, max(m.sent_at) as last_at
    from seen_messages m
    join busy b
        on b.tenant = m.tenant and b.sender_key = m.sender_key and b.day_number = m.day_number
    group by m.tenant, m.account_key, m.day_number, date_trunc('minute', m.sent_at)
), crowded as (
    select tenant, account_key, day_number, max(message_count) as most,
        count(*) as minutes, sum(message_count) as message_count, min(first_at) as first_at,
        max(last_at) as last_at
    from minutes
    where message_count >= $messages_a_minute
    group by tenant, account_key, day_number
), account_days as (
    select tenant, account_key, day_number, sum(recipient_count) as recipient_count,
        sum(message_count) as message_count, min(coalesce(sent_at, cast(day as timestamp)))
            as first_at, max(coalesce(sent_at, cast(day as timestamp))) as last_at
    from seen_rows
    where recipient_count is not null
    group by tenant, account_key, day_number
    having sum(recipient_count) >= $recipients_a_day
)
select tenant, 'account' as subject_kind, account_key as subject, first_at as first_seen,
    last_at as last_seen, cast(most as double) as measured, cast(null as double) as expected,
    cast(message_count as bigint) as evidence_count, cast(most as double) / 30.0 as score,
    'minute' as limited, cast(minutes as bigint) as minutes
from crowded
union all
select tenant, 'account', account_key, first_at, last_at, cast(recipient_count as double),
    cast(null as double), cast(message_count as bigint), recipient_count / 10000.0,
    'day', cast(null as bigint)
from account_days
