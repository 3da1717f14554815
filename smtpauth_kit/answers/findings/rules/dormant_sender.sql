-- Question: which senders woke up after a silence that is not like them?
-- Grain:    one row per sender and silence that ended
-- Params:   $gap_days, $expected_days, $gaps, $least_days, $leave_days
with longest as (
    select tenant, sender_key, next_day as day_number, last_day as before, gap, active_before,
        row_number() over (partition by tenant, sender_key order by gap desc, next_day) as place
    from sender_gaps
    where next_day is not null and gap > 0
), ranked as (
    select tenant, sender_key, max(case when place = 2 then gap end) as second_gap
    from longest group by tenant, sender_key
), candidates as (
    select l.tenant, l.sender_key, l.day_number, d.day, d.first_at, d.last_at, d.message_count,
        d.is_day, l.before, l.gap, l.active_before, coalesce(r.second_gap, 0) as other_gap
    from longest l
    join ranked r on r.tenant = l.tenant and r.sender_key = l.sender_key
    join sender_days d on d.tenant = l.tenant and d.sender_key = l.sender_key
        and d.day_number = l.day_number
    where l.place = 1 and l.gap >= $gap_days and l.active_before >= $least_days
        and l.gap > $gaps * coalesce(r.second_gap, 0)
), silent as (
    -- Active days that its days before and after the silence let expect in it.
    select c.tenant, c.sender_key, c.day_number,
        count(case when d.day_number between c.before + 1 and c.day_number - 1 then 1 end)
            as covered_gap,
        count(case when not d.day_number between c.before + 1 and c.day_number - 1 then 1 end)
            as covered_else
    from candidates c
    join senders s on s.tenant = c.tenant and s.sender_key = c.sender_key
    join covered_days d
        on d.tenant = c.tenant and d.day_number between s.first_day and s.last_day
    group by c.tenant, c.sender_key, c.day_number
), loudness as (
    select c.tenant, c.sender_key, c.day_number,
        max(case when d.day_number < c.day_number then d.message_count end) as record,
        max(case when d.day_number >= c.day_number then d.message_count end) as loudest
    from candidates c
    join sender_days d on d.tenant = c.tenant and d.sender_key = c.sender_key
        and d.day_number <= c.day_number + 3
    group by c.tenant, c.sender_key, c.day_number
), strangers as (
    -- Networks that it woke up in.
    select c.tenant, c.sender_key, c.day_number, count(*) as networks
    from candidates c
    join sender_networks n on n.tenant = c.tenant and n.sender_key = c.sender_key
        and n.first_day between c.day_number and c.day_number + 3
    group by c.tenant, c.sender_key, c.day_number
), judged as (
    select c.tenant, c.sender_key, c.day_number, c.day, c.first_at, c.last_at, c.is_day, c.gap,
        c.other_gap, c.message_count, coalesce(n.networks, 0) as new_networks, l.record,
        l.loudest,
        g.covered_gap * s.active_days / greatest(cast(g.covered_else as double), 1.0)
            as expected_days
    from candidates c
    join silent g on g.tenant = c.tenant and g.sender_key = c.sender_key
        and g.day_number = c.day_number
    join senders s on s.tenant = c.tenant and s.sender_key = c.sender_key
    join loudness l on l.tenant = c.tenant and l.sender_key = c.sender_key
        and l.day_number = c.day_number
    left join strangers n on n.tenant = c.tenant and n.sender_key = c.sender_key
        and n.day_number = c.day_number
    where cast(g.covered_gap as double) / (c.day_number - c.before - 1) >= 0.5
)
-- As somebody comes back from a long leave, quietly and from where he was: to be known, no alarm.
select tenant, 'sender' as subject_kind, cast(sender_key as string) as subject, first_at as first_seen,
    last_at as last_seen, cast(gap as double) as measured, cast(other_gap as double) as expected,
    message_count as evidence_count, ln(gap) as score,
    case when new_networks = 0 and loudest <= greatest(1.5 * record, record + 3)
        and expected_days < $leave_days then 'low'
        end as severity,
    is_day, day as woke_day, message_count as messages,
    cast(round(expected_days) as bigint) as missed_days
from judged
where expected_days >= $expected_days
