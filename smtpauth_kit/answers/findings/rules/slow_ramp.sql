-- Question: which senders grew week by week, by steps that no single day shows?
-- Grain:    one row per sender that grew up to its last weeks
-- Params:   $least_weeks, $growth, $noise, $further, $floor
with grown as (
    -- Whoever sent no more of late than at first is left out before its weeks are made.
    select s.tenant, s.sender_key, s.first_day, s.last_day
    from senders s
    join sender_days d on d.tenant = s.tenant and d.sender_key = s.sender_key
    where s.last_day - s.first_day + 1 >= 7 * ($least_weeks - 1) and s.message_count >= 60
    group by s.tenant, s.sender_key, s.first_day, s.last_day
    having sum(case when d.day_number > s.last_day - 21 then d.message_count end) / 21.0
        > coalesce(sum(case when d.day_number <= s.first_day + (s.last_day - s.first_day) / 3
            then d.message_count end), 0) / ((s.last_day - s.first_day + 1) / 3.0)
), lives as (
    -- Weeks of the covered days of a span, counted from its end; many senders have the same span.
    select l.tenant, l.first_day, l.last_day, l.has_weekends,
        floor((l.last_day - c.day_number) / 7) as weeks_ago, count(*) as covered,
        min(c.day_number) as week_first_day, max(c.day_number) as week_last_day
    from (
        select distinct s.tenant, s.first_day, s.last_day, k.has_weekends
        from grown s
        join sender_kinds k on k.tenant = s.tenant and k.sender_key = s.sender_key
    ) as l
    join covered_days c
        on c.tenant = l.tenant and c.day_number between l.first_day and l.last_day
    where l.has_weekends or c.weekday < 5
    group by l.tenant, l.first_day, l.last_day, l.has_weekends,
        floor((l.last_day - c.day_number) / 7)
    having count(*) >= 3
), sent as (
    -- Each day in proportion to what is usual of everyone that day.
    select s.tenant, s.sender_key, floor((s.last_day - d.day_number) / 7) as weeks_ago,
        sum(d.message_count / greatest(t.factor, 0.2)) as adjusted,
        max(d.message_count / greatest(t.factor, 0.2)) as largest
    from grown s
    join sender_kinds k on k.tenant = s.tenant and k.sender_key = s.sender_key
    join sender_days d on d.tenant = s.tenant and d.sender_key = s.sender_key
    join tenant_days t on t.tenant = d.tenant and t.day_number = d.day_number
        and t.has_weekends = k.has_weekends
    where k.active_share >= 0.3 and (k.has_weekends or d.weekday < 5)
    group by s.tenant, s.sender_key, floor((s.last_day - d.day_number) / 7)
), weeks as (
    -- Without the largest day of each: one large day is no growth.
    select s.tenant, s.sender_key, l.weeks_ago,
        coalesce(d.adjusted - d.largest, 0.0) / (l.covered - 1) as usual,
        coalesce(d.adjusted, 0.0) / l.covered as mean_count,
        l.week_first_day as first_day, l.week_last_day as last_day
    from grown s
    join sender_kinds k on k.tenant = s.tenant and k.sender_key = s.sender_key
    join lives l on l.tenant = s.tenant and l.first_day = s.first_day and l.last_day = s.last_day
        and l.has_weekends = k.has_weekends
    left join sent d on d.tenant = s.tenant and d.sender_key = s.sender_key
        and d.weeks_ago = l.weeks_ago
    where k.active_share >= 0.3
), numbered as (
    select tenant, sender_key, usual, ln(usual + 0.3) as level, mean_count, first_day, last_day,
        row_number() over (partition by tenant, sender_key order by first_day) as week,
        count(*) over (partition by tenant, sender_key) as weeks
    from weeks
), thirds as (
    select tenant, sender_key, max(weeks) as weeks,
        median(case when week <= ceil(weeks / 3.0) then level end) as base,
        median(case when week > weeks - 3 then level end) as recent,
        median(case when week <= ceil(weeks / 3.0) then usual end) as base_usual,
        avg(case when week > weeks - 2 then usual end) as top_usual,
        avg(case when week <= ceil(weeks / 3.0) then mean_count end) as base_count,
        avg(case when week > weeks - 3 then mean_count end) as recent_count,
        max(last_day) as last_day
    from numbered
    group by tenant, sender_key
    having max(weeks) >= $least_weeks
), risen as (
    select tenant, sender_key, weeks, base, recent, base_usual, top_usual, base_count, recent_count,
        last_day
    from thirds
    where recent - base >= ln($growth) and recent_count >= $floor
        and recent_count >= $growth * base_count and top_usual > base_usual
), starts as (
    -- The ramp begins after the last week that was hardly higher than usual.
    select n.tenant, n.sender_key,
        max(case when n.usual <= r.base_usual + 0.2 * (r.top_usual - r.base_usual) then n.week end)
            as last_usual,
        median(abs(case when n.week <= ceil(n.weeks / 3.0) then n.level - r.base end)) as spread
    from numbered n
    join risen r on r.tenant = n.tenant and r.sender_key = n.sender_key
    group by n.tenant, n.sender_key
), halves as (
    -- The growth of the first weeks after it, and of as many last ones.
    select n.tenant, n.sender_key, s.spread, s.last_usual, max(n.weeks) as weeks,
        avg(case when n.week - s.last_usual <= floor((n.weeks - s.last_usual) / 2)
            then n.usual - r.base_usual end) as early,
        avg(case when n.weeks - n.week < floor((n.weeks - s.last_usual) / 2)
            then n.usual - r.base_usual end) as late
    from numbered n
    join risen r on r.tenant = n.tenant and r.sender_key = n.sender_key
    join starts s on s.tenant = n.tenant and s.sender_key = n.sender_key
    where n.week > s.last_usual
    group by n.tenant, n.sender_key, s.spread, s.last_usual
)
select r.tenant, 'sender' as subject_kind, cast(r.sender_key as string) as subject,
    min(d.first_at) as first_seen, max(d.last_at) as last_seen,
    round(max(r.recent_count), 1) as measured, round(max(r.base_count), 1) as expected,
    cast(sum(d.message_count) as bigint) as evidence_count, max(r.recent - r.base) as score,
    min(d.is_day) as is_day, min(n.first_day) as started, 'ramp' as anchor,
    min(d.day) as day, round(exp(max(r.recent - r.base)), 1) as times
from risen r
join halves h on h.tenant = r.tenant and h.sender_key = r.sender_key
join numbered n on n.tenant = r.tenant and n.sender_key = r.sender_key and n.week = h.last_usual
join sender_days d on d.tenant = r.tenant and d.sender_key = r.sender_key
    and d.day_number >= n.first_day + 7 and d.day_number <= r.last_day
where r.recent - r.base >= $noise * greatest(h.spread, 0.08)
    -- By steps: it grew on after it had grown. A single step (a new task) stays what it became.
    and h.weeks - h.last_usual >= 3 and h.late >= $further * h.early
group by r.tenant, r.sender_key
