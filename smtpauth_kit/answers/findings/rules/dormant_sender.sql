-- Question: which senders woke up after a silence that is not like them?
-- Grain:    one row per sender and silence that ended
-- Params:   $gap_days, $expected_days, $gaps, $least_days
with gaps as (
    select tenant, sender_key, day_number, day, first_at, last_at, message_count, is_day, weekday,
        lag(day_number) over (partition by tenant, sender_key order by day_number) as before,
        count(*) over (partition by tenant, sender_key order by day_number
            rows between unbounded preceding and 1 preceding) as active_before
    from sender_days
), longest as (
    select tenant, sender_key, day_number, day, first_at, last_at, message_count, is_day, before,
        active_before, day_number - before - 1 as gap,
        max(day_number - before - 1) over (partition by tenant, sender_key) as longest,
        row_number() over (
            partition by tenant, sender_key order by day_number - before - 1 desc, day_number
        ) as place
    from gaps
    where before is not null
), ranked as (
    select tenant, sender_key, max(case when place = 2 then gap end) as second_gap
    from longest group by tenant, sender_key
), candidates as (
    select l.tenant, l.sender_key, l.day_number, l.day, l.first_at, l.last_at, l.message_count,
        l.is_day, l.before, l.gap, l.active_before, coalesce(r.second_gap, 0) as other_gap
    from longest l
    join ranked r on r.tenant = l.tenant and r.sender_key = l.sender_key
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
)
select c.tenant, 'sender' as subject_kind, c.sender_key as subject, c.first_at as first_seen,
    c.last_at as last_seen, cast(c.gap as double) as measured,
    cast(c.other_gap as double) as expected, c.message_count as evidence_count,
    ln(c.gap) as score, c.is_day, c.day as woke_day, c.message_count as messages
from candidates c
join silent g on g.tenant = c.tenant and g.sender_key = c.sender_key
    and g.day_number = c.day_number
join senders s on s.tenant = c.tenant and s.sender_key = c.sender_key
where cast(g.covered_gap as double) / (c.day_number - c.before - 1) >= 0.5
    and g.covered_gap * s.active_days / greatest(cast(g.covered_else as double), 1.0)
        >= $expected_days
