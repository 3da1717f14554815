-- Question: which senders are new, after a time in which everyone is?
-- Grain:    one row per sender
-- Params:   $learning_days
with first_days as (
    select s.tenant, s.sender_key, s.first_heard
    from senders s
    join tenants t on t.tenant = s.tenant
    where s.first_day = s.first_heard and s.first_heard - t.first_heard >= $learning_days
)
select f.tenant, 'sender' as subject_kind, cast(f.sender_key as string) as subject, d.first_at as first_seen,
    d.last_at as last_seen, cast(d.message_count as double) as measured,
    cast(null as double) as expected, d.message_count as evidence_count,
    cast(d.message_count as double) as score, d.is_day, d.day as day,
    s.message_count as message_count_since
from first_days f
join sender_days d
    on d.tenant = f.tenant and d.sender_key = f.sender_key and d.day_number = f.first_heard
join senders s on s.tenant = f.tenant and s.sender_key = f.sender_key
