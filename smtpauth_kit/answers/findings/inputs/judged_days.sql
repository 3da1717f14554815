-- Question: how much does a day of a sender exceed its other days?
-- Grain:    one row per tenant, sender that has a day beyond its others, and day on which it sent;
--           `_record` is the largest of the sender's days that are not within three days of this
--           one (0: there is none). A day that exceeds no other by half is of no sender here
with largest as (
    select tenant, sender_key, max(message_count) as most,
        max_by(day_number, message_count) as most_day,
        max(recipient_count) as most_recipients,
        max_by(day_number, coalesce(recipient_count, 0)) as most_recipients_day
    from sender_days
    group by tenant, sender_key
), standing_out as (
    -- A day beyond its record is within three days of the largest: all larger ones are near it.
    select l.tenant, l.sender_key
    from largest l
    join sender_days d on d.tenant = l.tenant and d.sender_key = l.sender_key
    group by l.tenant, l.sender_key, l.most, l.most_recipients
    having l.most >= 1.5 * coalesce(max(case when abs(d.day_number - l.most_day) > 6
            then d.message_count end), 0)
        or l.most_recipients >= 1.5 * coalesce(max(case
            when abs(d.day_number - l.most_recipients_day) > 6 then d.recipient_count end), 0)
), their_days as (
    select d.tenant, d.sender_key, d.day_number, d.weekday, d.message_count, d.recipient_count,
        d.largest_recipient_count, d.first_at, d.last_at, d.is_day, d.day
    from sender_days d
    join standing_out s on s.tenant = d.tenant and s.sender_key = d.sender_key
), records as (
    select tenant, sender_key, day_number, weekday, message_count, recipient_count,
        largest_recipient_count, first_at, last_at, is_day, day,
        greatest(
            coalesce(max(message_count) over before_it, 0),
            coalesce(max(message_count) over after_it, 0)) as message_record,
        greatest(
            coalesce(max(recipient_count) over before_it, 0),
            coalesce(max(recipient_count) over after_it, 0)) as recipient_record,
        greatest(
            coalesce(max(largest_recipient_count) over before_it, 0),
            coalesce(max(largest_recipient_count) over after_it, 0)) as largest_recipient_record,
        count(message_count) over before_it + count(message_count) over after_it as other_days,
        count(message_count) over before_it as days_before
    from their_days
    window before_it as (
        partition by tenant, sender_key order by day_number
        range between unbounded preceding and 4 preceding
    ), after_it as (
        partition by tenant, sender_key order by day_number
        range between 4 following and unbounded following
    )
)
select r.tenant, r.sender_key, r.day, r.day_number, r.weekday, r.message_count, r.recipient_count,
    r.largest_recipient_count, r.first_at, r.last_at, r.is_day, r.message_record,
    r.recipient_record, r.largest_recipient_record, r.other_days, r.days_before,
    k.active_share, k.has_weekends, w.mean_count as weekday_mean, coalesce(t.factor, 1.0) as factor
from records r
join sender_kinds k on k.tenant = r.tenant and k.sender_key = r.sender_key
join sender_weekdays w
    on w.tenant = r.tenant and w.sender_key = r.sender_key and w.weekday = r.weekday
left join tenant_days t on t.tenant = r.tenant and t.day_number = r.day_number
    and t.has_weekends = k.has_weekends
