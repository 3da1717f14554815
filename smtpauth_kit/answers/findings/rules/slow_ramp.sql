-- Question: which senders grew week by week, by steps that no single day shows?
-- Grain:    one row per sender and week that ends a ramp
-- Params:   $least_weeks, $growth, $noise, $beyond, $floor
with days as (
    -- Each covered day in proportion to what is usual of that weekday and of everyone that day.
    select s.tenant, s.sender_key, c.day_number,
        floor((s.last_day - c.day_number) / 7) as weeks_ago,
        coalesce(d.message_count, 0) / greatest(coalesce(t.factor, 1.0), 0.2) as adjusted
    from senders s
    join sender_kinds k on k.tenant = s.tenant and k.sender_key = s.sender_key
    join covered_days c
        on c.tenant = s.tenant and c.day_number between s.first_day and s.last_day
    left join sender_days d on d.tenant = s.tenant and d.sender_key = s.sender_key
        and d.day_number = c.day_number
    left join tenant_days t on t.tenant = s.tenant and t.day_number = c.day_number
        and t.has_weekends = k.has_weekends
    where k.active_share >= 0.3 and s.message_count >= 60
        and (k.has_weekends or c.weekday < 5)
), weeks as (
    select tenant, sender_key, weeks_ago, 
        ln((sum(adjusted) - max(adjusted)) / (count(*) - 1) + 0.3) as level,
        avg(adjusted) as mean_count, count(*) as days, min(day_number) as first_day,
        max(day_number) as last_day
    from days
    group by tenant, sender_key, weeks_ago
    having count(*) >= 3
), numbered as (
    select tenant, sender_key, level, mean_count, first_day, last_day,
        row_number() over (partition by tenant, sender_key order by first_day) as week,
        count(*) over (partition by tenant, sender_key) as weeks
    from weeks
), thirds as (
    select tenant, sender_key, max(weeks) as weeks,
        median(case when week <= ceil(weeks / 3.0) then level end) as base,
        median(case when week > weeks - 3 then level end) as recent,
        avg(case when week <= ceil(weeks / 3.0) then mean_count end) as base_count,
        avg(case when week > weeks - 3 then mean_count end) as recent_count,
        max(last_day) as last_day
    from numbered
    group by tenant, sender_key
    having max(weeks) >= $least_weeks
), changes as (
    select n.tenant, n.sender_key, n.week, n.level, n.first_day, n.weeks,
        n.level - lag(n.level) over (partition by n.tenant, n.sender_key order by n.week) as change
    from numbered n
), stepped as (
    -- The largest step, from the week before it to the week after it: it may fall inside a week.
    select c.tenant, c.sender_key, c.change, coalesce(a.level, c.level) - b.level as step,
        row_number() over (partition by c.tenant, c.sender_key order by c.change desc, c.week desc)
            as place
    from changes c
    join changes b on b.tenant = c.tenant and b.sender_key = c.sender_key and b.week = c.week - 1
    left join changes a
        on a.tenant = c.tenant and a.sender_key = c.sender_key and a.week = c.week + 1
    where c.week > ceil(c.weeks / 3.0)
), noise as (
    select c.tenant, c.sender_key, max(s.step) as largest_step,
        avg(case when c.week > c.weeks - 2 then c.level end) as latest,
        median(abs(case when c.week <= ceil(c.weeks / 3.0) then c.level - t.base end)) as spread
    from changes c
    join thirds t on t.tenant = c.tenant and t.sender_key = c.sender_key
    join stepped s on s.tenant = c.tenant and s.sender_key = c.sender_key and s.place = 1
    group by c.tenant, c.sender_key
), starts as (
    -- The ramp begins after the last week that was no higher than usual.
    select c.tenant, c.sender_key,
        max(case when c.level <= t.base + 0.2 * (t.recent - t.base) then c.week end) as last_usual
    from changes c
    join thirds t on t.tenant = c.tenant and t.sender_key = c.sender_key
    group by c.tenant, c.sender_key
)
select t.tenant, 'sender' as subject_kind, t.sender_key as subject,
    min(d.first_at) as first_seen, max(d.last_at) as last_seen,
    round(max(t.recent_count), 1) as measured, round(max(t.base_count), 1) as expected,
    cast(sum(d.message_count) as bigint) as evidence_count, max(t.recent - t.base) as score,
    min(d.is_day) as is_day, min(s.first_day) as started, 'ramp' as anchor,
    min(d.day) as day, round(exp(max(t.recent - t.base)), 1) as times
from thirds t
join noise n on n.tenant = t.tenant and n.sender_key = t.sender_key
join starts b on b.tenant = t.tenant and b.sender_key = t.sender_key
join changes s on s.tenant = t.tenant and s.sender_key = t.sender_key and s.week = b.last_usual
join sender_days d on d.tenant = t.tenant and d.sender_key = t.sender_key
    and d.day_number >= s.first_day + 7 and d.day_number <= t.last_day
where t.recent - t.base >= ln($growth)
    and t.recent_count >= $floor and t.recent_count >= $growth * t.base_count
    and t.recent - t.base >= $noise * greatest(n.spread, 0.08)
    -- By steps: it grew clearly beyond its largest one. A single step (a new task) has nothing else.
    and n.latest - t.base - n.largest_step >= greatest(ln($beyond), n.spread)
group by t.tenant, t.sender_key
