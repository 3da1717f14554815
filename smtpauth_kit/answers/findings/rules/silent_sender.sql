-- Question: which senders stopped, for longer than chance, holidays or their own rhythm explain?
-- Grain:    one row per sender and silence; one that ended goes on being told, as what it was
-- Params:   $improbable, $gaps, $late, $least_days, $roaming_days, $shortest_days
with quiet as (
    -- Days that follow each other have no gap (0) between them; they are most, and told once.
    select tenant, sender_key, max(case when gap <= 0 then gap end) as longest_none,
        min(case when gap <= 0 then gap end) as shortest_none
    from sender_gaps
    group by tenant, sender_key
    having max(gap) >= $shortest_days
), long_gaps as (
    select g.tenant, g.sender_key, g.last_day, g.gap, g.next_day, g.until_day, g.active_before,
        q.longest_none, q.shortest_none,
        row_number() over (partition by g.tenant, g.sender_key order by g.gap desc, g.last_day desc)
            as place
    from sender_gaps g
    join quiet q on q.tenant = g.tenant and q.sender_key = g.sender_key
    where g.gap > 0
), rhythms as (
    -- Its other silences: the longest, and the shortest.
    select tenant, sender_key,
        coalesce(max(case when place >= 2 then gap end), max(longest_none)) as longest_else,
        coalesce(min(shortest_none), min(case when place >= 2 then gap end)) as shortest_else
    from long_gaps
    group by tenant, sender_key
), places as (
    select tenant, sender_key, count(*) as networks
    from sender_networks group by tenant, sender_key
), shares as (
    -- Of how many of its usual days it is active, without its longest silence.
    select w.tenant, w.sender_key, sum(w.active_days) / greatest(
        sum(cast(w.covered as double)) - case when max(l.next_day) is null then 0.0
            when bool_or(k.has_weekends) then max(l.gap) else max(l.gap) * 5.0 / 7.0 end, 1.0) as share
    from sender_weekdays w
    join sender_kinds k on k.tenant = w.tenant and k.sender_key = w.sender_key
    join long_gaps l on l.tenant = w.tenant and l.sender_key = w.sender_key and l.place = 1
    where k.has_weekends or w.weekday < 5
    group by w.tenant, w.sender_key
), candidates as (
    select p.tenant, p.sender_key, p.last_day, p.gap, p.next_day, p.until_day,
        p.active_before, r.longest_else, r.shortest_else, k.has_weekends,
        k.mean_count < 5 and (coalesce(n.networks, 0) >= 3 or h.share < 0.85) as is_roaming
    from long_gaps p
    join rhythms r on r.tenant = p.tenant and r.sender_key = p.sender_key
    join sender_kinds k on k.tenant = p.tenant and k.sender_key = p.sender_key
    join shares h on h.tenant = p.tenant and h.sender_key = p.sender_key
    left join places n on n.tenant = p.tenant and n.sender_key = p.sender_key
    where p.place = 1 and p.gap >= $shortest_days and p.active_before >= 4
), expected as (
    select c.tenant, c.sender_key, c.last_day,
        sum(-ln(1.0 - least(
            w.active_days / greatest(w.covered - g.silent, w.active_days, 1.0), 0.97)
            * least(coalesce(t.factor, 1.0), 1.0))) as improbable,
        sum(w.active_days / greatest(w.covered - g.silent, w.active_days, 1.0)
            * least(coalesce(t.factor, 1.0), 1.0)) as expected_days,
        count(*) as covered
    from candidates c
    join covered_days d on d.tenant = c.tenant
        and d.day_number between c.last_day + 1 and c.until_day - 1
    join sender_weekdays w on w.tenant = c.tenant and w.sender_key = c.sender_key
        and w.weekday = d.weekday
    join (
        -- Days of this weekday inside the silence that are part of the sender's own span.
        select c.tenant, c.sender_key, d.weekday,
            count(case when c.next_day is not null then 1 end) as silent
        from candidates c
        join covered_days d on d.tenant = c.tenant
            and d.day_number between c.last_day + 1 and c.until_day - 1
        group by c.tenant, c.sender_key, d.weekday
    ) g on g.tenant = c.tenant and g.sender_key = c.sender_key and g.weekday = d.weekday
    left join tenant_days t on t.tenant = c.tenant and t.day_number = d.day_number
        and t.has_weekends = c.has_weekends
    group by c.tenant, c.sender_key, c.last_day
), judged as (
    select c.tenant, c.sender_key, c.last_day, c.gap, c.next_day,
        c.longest_else, e.improbable, e.expected_days, e.covered,
        e.covered >= 0.8 * c.gap
            and c.active_before >= $least_days
            and e.improbable >= $improbable
            and c.gap > $gaps * greatest(c.longest_else, 1)
            and (not c.is_roaming or e.expected_days >= $roaming_days) as is_improbable,
        -- Of what comes weekly more must be known than of what comes monthly, to miss it.
        e.covered >= 0.8 * c.gap and c.longest_else >= 5
            and (c.active_before >= $least_days or c.longest_else >= 20)
            and c.shortest_else >= 0.7 * c.longest_else
            and c.gap > case when c.longest_else < 20 then 2.2 else $late end * c.longest_else + 2
            as is_late
    from candidates c
    join expected e on e.tenant = c.tenant and e.sender_key = c.sender_key
        and e.last_day = c.last_day
)
select j.tenant, 'sender' as subject_kind, cast(j.sender_key as string) as subject, d.last_at as first_seen,
    cast(date '1970-01-01' + cast(j.last_day + j.gap as int) as timestamp) as last_seen,
    cast(j.gap as double) as measured, cast(j.longest_else as double) as expected,
    d.message_count as evidence_count, ln(1.0 + j.expected_days) as score,
    case when j.next_day is not null then 'low' end as severity,
    d.is_day, d.day as last_active_day, cast(round(j.expected_days) as bigint) as missed_days
from judged j
join sender_days d on d.tenant = j.tenant and d.sender_key = j.sender_key
    and d.day_number = j.last_day
where j.is_improbable or j.is_late
