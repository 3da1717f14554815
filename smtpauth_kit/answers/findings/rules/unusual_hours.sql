-- Question: in which nights did a sender send in hours that its other days hardly know?
-- Grain:    one row per sender and night (noon to noon)
-- Params:   $floor, $deviance, $known_share, $least_messages, $least_days, $together_share
with hours as (
    select tenant, sender_key, hour_of_day, cast(sum(message_count) as double) as message_count,
        cast(sum(day_count) as bigint) as nights
    from hour_spans
    group by tenant, sender_key, hour_of_day
), totals as (
    select h.tenant, h.sender_key, sum(h.message_count) as message_count, max(s.active_days) as days
    from hours h
    join senders s on s.tenant = h.tenant and s.sender_key = h.sender_key
    group by h.tenant, h.sender_key
    having sum(h.message_count) >= $least_messages and max(s.active_days) >= $least_days
), rare as (
    -- Hours that, with those beside them, hold something in few nights.
    select h.tenant, h.sender_key, h.hour_of_day, sum(b.message_count) as around
    from hours h
    join totals t on t.tenant = h.tenant and t.sender_key = h.sender_key
    join hours b on b.tenant = h.tenant and b.sender_key = h.sender_key
        and (b.hour_of_day - h.hour_of_day + 25) % 24 <= 2
    group by h.tenant, h.sender_key, h.hour_of_day
    having sum(b.nights) <= 9 + 0.15 * max(t.days)
), suspects as (
    select n.tenant, n.sender_key, n.night, n.hour_of_day, n.message_count, r.around,
        sum(n.message_count) over (partition by n.tenant, n.sender_key, n.night) as rare_count
    from sender_hours n
    join rare r on r.tenant = n.tenant and r.sender_key = n.sender_key
        and r.hour_of_day = n.hour_of_day
), near as (
    select s.tenant, s.sender_key, s.night, s.hour_of_day, s.message_count,
        s.around - sum(o.message_count) as around_else
    from (
        select tenant, sender_key, night, hour_of_day, message_count, around
        from suspects where rare_count >= $floor
    ) as s
    join sender_hours o on o.tenant = s.tenant and o.sender_key = s.sender_key
        and o.night between s.night - 3 and s.night + 3
        and (o.hour_of_day - s.hour_of_day + 25) % 24 <= 2
    group by s.tenant, s.sender_key, s.night, s.hour_of_day, s.message_count, s.around
), night_totals as (
    select o.tenant, o.sender_key, s.night,
        sum(case when o.night = s.night then o.message_count end) as in_night,
        sum(o.message_count) as in_days_around
    from (select distinct tenant, sender_key, night from near) s
    join sender_hours o on o.tenant = s.tenant and o.sender_key = s.sender_key
        and o.night between s.night - 3 and s.night + 3
    group by o.tenant, o.sender_key, s.night
), shares as (
    select n.tenant, n.sender_key, n.night, n.hour_of_day, n.message_count,
        (n.around_else / 3.0 + 0.25) / (t.message_count - x.in_days_around + 6.0) as share,
        x.in_night, t.message_count - x.in_days_around as elsewhere
    from near n
    join totals t on t.tenant = n.tenant and t.sender_key = n.sender_key
    join night_totals x
        on x.tenant = n.tenant and x.sender_key = n.sender_key and x.night = n.night
), nights as (
    select tenant, sender_key, night, sum(message_count) as unusual_count,
        max(in_night) as in_night,
        least(sum(share), 0.5) as share, max(elsewhere) as elsewhere
    from shares
    where share < $known_share / 24.0
    group by tenant, sender_key, night
    having sum(message_count) >= $floor and max(elsewhere) >= $least_messages
), judged as (
    select tenant, sender_key, night, unusual_count, in_night, share,
        unusual_count * ln(unusual_count / (in_night * share))
            + case when in_night > unusual_count then (in_night - unusual_count)
                * ln((in_night - unusual_count) / (in_night * (1.0 - share))) else 0.0 end
            as deviance
    from nights
    where unusual_count > in_night * share
), found as (
    select tenant, sender_key, night, unusual_count, in_night, share, deviance,
        count(*) over (partition by tenant, night) as senders_that_night,
        min(night) over (partition by tenant, sender_key) as first_night,
        max(night) over (partition by tenant, sender_key) as last_night
    from judged
    where deviance > $deviance
), tenant_sizes as (
    select tenant, count(*) as senders from totals group by tenant
), told as (
    -- A second such night some other week is a habit; a night of many senders is nobody's own.
    select f.tenant, f.sender_key, f.night, f.unusual_count, f.in_night, f.share, f.deviance
    from found f
    join tenant_sizes z on z.tenant = f.tenant
    where f.last_night - f.first_night <= 3
        and f.senders_that_night <= greatest(3, $together_share * z.senders)
), told_hours as (
    select t.tenant, t.sender_key, t.night, t.unusual_count, t.in_night, t.share, t.deviance,
        s.hour_of_day, cast(date '1970-01-01'
            + cast(t.night - case when s.hour_of_day >= 12 then 1 else 0 end as int) as date) as day
    from told t
    join shares s on s.tenant = t.tenant and s.sender_key = t.sender_key and s.night = t.night
        and s.share < $known_share / 24.0
)
select t.tenant, 'sender' as subject_kind, cast(t.sender_key as string) as subject, min(m.sent_at) as first_seen,
    max(m.sent_at) as last_seen, cast(t.unusual_count as double) as measured,
    round(t.in_night * t.share, 2) as expected, cast(t.unusual_count as bigint) as evidence_count,
    ln(t.deviance) as score, hour(min(m.sent_at)) as from_hour, hour(max(m.sent_at)) as to_hour,
    cast(min(m.sent_at) as date) as day, round(100 * t.share, 1) as share_percent
from told_hours t
join seen_messages m on m.tenant = t.tenant and m.sender_key = t.sender_key and m.day = t.day
    and hour(m.sent_at) = t.hour_of_day
group by t.tenant, t.sender_key, t.night, t.unusual_count, t.in_night, t.share, t.deviance
