-- Question: how much does a day of a sender exceed its other days?
-- Grain:    one row per tenant, sender and day that may exceed the sender's other days by half;
--           `_record` is the largest of the sender's days that are not within three days of this
--           one (0: there is none)
with largest as (
    select tenant, sender_key, max(message_count) as most,
        max_by(day_number, message_count) as most_day,
        coalesce(max(recipient_count), 0) as most_recipients,
        max_by(day_number, coalesce(recipient_count, 0)) as most_recipients_day
    from sender_days
    group by tenant, sender_key
), elsewhere as (
    select l.tenant, l.sender_key, l.most, l.most_day, l.most_recipients, l.most_recipients_day,
        coalesce(max(case when abs(d.day_number - l.most_day) > 6 then d.message_count end), 0)
            as most_else,
        coalesce(max(case when abs(d.day_number - l.most_recipients_day) > 6
            then d.recipient_count end), 0) as most_recipients_else
    from largest l
    join sender_days d on d.tenant = l.tenant and d.sender_key = l.sender_key
    group by l.tenant, l.sender_key, l.most, l.most_day, l.most_recipients, l.most_recipients_day
), beyond as (
    -- A day beyond its record is within three days of the largest, as all larger ones are near it;
    -- and its record is no less than what was most more than six days from the largest.
    select d.tenant, d.sender_key, d.day_number, d.weekday, d.message_count, d.recipient_count,
        d.largest_recipient_count, d.first_at, d.last_at, d.is_day, d.day
    from elsewhere e
    join sender_days d on d.tenant = e.tenant and d.sender_key = e.sender_key
    where (e.most >= 1.5 * e.most_else or e.most_recipients >= 1.5 * e.most_recipients_else)
        and ((d.message_count >= 1.5 * e.most_else
                and d.day_number between e.most_day - 3 and e.most_day + 3)
            or (d.recipient_count >= 1.5 * e.most_recipients_else
                and d.day_number between e.most_recipients_day - 3 and e.most_recipients_day + 3))
), records as (
    select b.tenant, b.sender_key, b.day_number,
        coalesce(max(o.message_count), 0) as message_record,
        coalesce(max(o.recipient_count), 0) as recipient_record,
        coalesce(max(o.largest_recipient_count), 0) as largest_recipient_record,
        count(o.message_count) as other_days
    from beyond b
    left join sender_days o on o.tenant = b.tenant and o.sender_key = b.sender_key
        and (o.day_number < b.day_number - 3 or o.day_number > b.day_number + 3)
    group by b.tenant, b.sender_key, b.day_number
)
select b.tenant, b.sender_key, b.day, b.day_number, b.weekday, b.message_count, b.recipient_count,
    b.largest_recipient_count, b.first_at, b.last_at, b.is_day, r.message_record,
    r.recipient_record, r.largest_recipient_record, r.other_days,
    k.active_share, k.has_weekends, w.mean_count as weekday_mean, coalesce(t.factor, 1.0) as factor
from beyond b
join records r on r.tenant = b.tenant and r.sender_key = b.sender_key
    and r.day_number = b.day_number
join sender_kinds k on k.tenant = b.tenant and k.sender_key = b.sender_key
join sender_weekdays w
    on w.tenant = b.tenant and w.sender_key = b.sender_key and w.weekday = b.weekday
left join tenant_days t on t.tenant = b.tenant and t.day_number = b.day_number
    and t.has_weekends = k.has_weekends
