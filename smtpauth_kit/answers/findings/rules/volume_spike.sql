-- Question: on which days did a sender send far more than it ever does?
-- Grain:    one row per sender and day
-- Params:   $floor, $records, $records_of_seldom, $deviance, $deviance_far, $records_far,
--           $least_days, $high_records, $high_count
-- Two questions at once: is the day improbable (negative binomial, by the bound of its tail), and
-- is it clearly beyond the sender's own record? Either alone finds something every day.
with candidates as (
    select tenant, sender_key, day, day_number, weekday, message_count, first_at, last_at, is_day,
        message_record, other_days, active_share, has_weekends, factor,
        greatest(weekday_mean, 0.1) * factor as expected,
        case when active_share < 0.15 then $records_of_seldom else $records end as needed
    from judged_days
    where message_count >= $floor and other_days >= $least_days
), beyond as (
    select tenant, sender_key, day, day_number, message_count, first_at, last_at, is_day,
        message_record, active_share, has_weekends, expected
    from candidates
    where message_count > needed * greatest(message_record, 1) * greatest(factor, 1.0)
), others as (
    select b.tenant, b.sender_key, b.day_number,
        avg(cast(d.message_count as double)) as active_mean,
        sum(
            power(d.message_count - greatest(w.mean_count, 0.1) * coalesce(t.factor, 1.0), 2)
            - greatest(w.mean_count, 0.1) * coalesce(t.factor, 1.0)
        ) / sum(power(greatest(w.mean_count, 0.1) * coalesce(t.factor, 1.0), 2)) as dispersion,
        sum(power(d.message_count, 2)) as squares, sum(d.message_count) as total,
        count(*) as days
    from beyond b
    join sender_days d on d.tenant = b.tenant and d.sender_key = b.sender_key
        and not d.day_number between b.day_number - 3 and b.day_number + 3
    join sender_weekdays w on w.tenant = d.tenant and w.sender_key = d.sender_key
        and w.weekday = d.weekday
    left join tenant_days t on t.tenant = d.tenant and t.day_number = d.day_number
        and t.has_weekends = b.has_weekends
    group by b.tenant, b.sender_key, b.day_number
), modelled as (
    -- A sender that is seldom active is judged by the size of its active days.
    select b.tenant, b.sender_key, b.day, b.day_number, b.message_count, b.first_at, b.last_at,
        b.is_day, b.message_record, o.active_mean, b.expected as expected_count,
        case when b.active_share < 0.15 then greatest(o.active_mean, 1.0)
            else greatest(b.expected, 0.1) end as mu,
        1.0 / greatest(0.02, case when b.active_share < 0.15
            then (o.squares / o.days - power(o.active_mean, 2) - o.active_mean)
                / power(greatest(o.active_mean, 1.0), 2)
            else least(o.dispersion, 5.0) end) as size
    from beyond b
    join others o on o.tenant = b.tenant and o.sender_key = b.sender_key
        and o.day_number = b.day_number
), judged as (
    select tenant, sender_key, day, day_number, message_count, first_at, last_at, is_day,
        message_record, active_mean, expected_count, mu,
        message_count * ln(message_count / mu)
            - (message_count + size) * ln((message_count + size) / (mu + size)) as deviance
    from modelled
    where message_count > mu
)
select tenant, 'sender' as subject_kind, cast(sender_key as string) as subject, first_at as first_seen,
    last_at as last_seen, cast(message_count as double) as measured, expected_count as expected,
    message_count as evidence_count, ln(message_count / greatest(message_record, 1.0)) as score,
    case when message_count >= $high_count
        and message_count >= $high_records * greatest(message_record, 1) then 'high' end as severity,
    is_day, day, message_record as record, active_mean as usual
from judged
where deviance > $deviance
    or deviance > $deviance_far and message_count > $records_far * greatest(message_record, 1)
