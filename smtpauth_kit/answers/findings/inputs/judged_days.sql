-- Question: how much does a day of a sender exceed its other days?
-- Grain:    one row per tenant, sender and day on which it sent; `_record` is the largest of the
--           sender's days that are not within three days of this one (0: there is none)
with records as (
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
    from sender_days
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
