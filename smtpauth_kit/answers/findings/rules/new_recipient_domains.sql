-- Question: on which days did a sender write to many domains that it never wrote to before?
-- Grain:    one row per sender and day
-- Params:   $learning_days, $learning_active_days, $floor, $around_days, $records, $deviance
with new_domains as (
    select tenant, sender_key, first_day as day_number, count(*) as new_count
    from recipient_domains group by tenant, sender_key, first_day
), suspects as (
    select distinct tenant, sender_key from new_domains where new_count >= $floor
), days as (
    select d.tenant, d.sender_key, d.day_number, d.day, d.first_at, d.last_at, d.is_day,
        d.message_count, greatest(coalesce(d.recipient_count, 0), d.message_count)
            as recipient_count,
        coalesce(d.recipient_count, 0) as told_count, coalesce(n.new_count, 0) as new_count,
        d.day_number - s.first_day >= $learning_days as is_learned,
        d.day_number - s.first_day as age
    from sender_days d
    join suspects x on x.tenant = d.tenant and x.sender_key = d.sender_key
    join senders s on s.tenant = d.tenant and s.sender_key = d.sender_key
    left join new_domains n on n.tenant = d.tenant and n.sender_key = d.sender_key
        and n.day_number = d.day_number
), candidates as (
    select tenant, sender_key, day_number, day, first_at, last_at, is_day, message_count,
        recipient_count, new_count
    from days where new_count >= $floor and is_learned
), compared as (
    select c.tenant, c.sender_key, c.day_number, c.day, c.first_at, c.last_at, c.is_day,
        c.message_count, c.recipient_count, c.new_count,
        coalesce(max(o.told_count), 0) as recipient_record,
        coalesce(max(case when o.is_learned and abs(o.day_number - c.day_number) <= $around_days
            then o.new_count end), 0) as record,
        coalesce(sum(case when o.is_learned and abs(o.day_number - c.day_number) <= $around_days
            then o.new_count end), 0) as new_around,
        coalesce(sum(case when o.is_learned and abs(o.day_number - c.day_number) <= $around_days
            then o.recipient_count end), 0) as recipients_around,
        coalesce(sum(case when o.age > 0 and o.day_number between c.day_number - $around_days
            and c.day_number then o.new_count end), 0) as new_before,
        coalesce(sum(case when o.age > 0 and o.day_number between c.day_number - $around_days
            and c.day_number then o.recipient_count end), 0) as recipients_before,
        coalesce(sum(case when o.age > 0 then o.new_count end), 0) as new_else,
        coalesce(sum(case when o.age > 0 then o.recipient_count end), 0) as recipients_else
    from candidates c
    left join days o on o.tenant = c.tenant and o.sender_key = c.sender_key
        and not o.day_number between c.day_number - 3 and c.day_number + 3
    group by c.tenant, c.sender_key, c.day_number, c.day, c.first_at, c.last_at, c.is_day,
        c.message_count, c.recipient_count, c.new_count
    having count(case when o.day_number < c.day_number then 1 end) >= $learning_active_days
), modelled as (
    -- What the day's volume explains, at the rate of the weeks around, with a little for the
    -- unseen (new domains become fewer: before the day they were more than after it); of a sender
    -- that hardly sent in these weeks (a monthly job) at that of all its days.
    select tenant, sender_key, day_number, day, first_at, last_at, is_day, message_count,
        recipient_count, new_count, record,
        recipient_count * case
            when recipients_around >= 0.5 * least(recipient_count, 40)
                and (recipient_record < 0.5 * recipient_count
                    or recipients_around >= 0.5 * recipient_count)
            then greatest((new_around + 0.5) / (recipients_around + 10.0),
                (new_before + 0.5) / (recipients_before + 10.0))
            else (new_else + 5.0) / (recipients_else + 10.0) end as expected
    from compared
    where new_count > $records * record
)
select tenant, 'sender' as subject_kind, cast(sender_key as string) as subject, first_at as first_seen,
    last_at as last_seen, cast(new_count as double) as measured, expected,
    message_count as evidence_count, ln(new_count / greatest(record, 1.0)) as score, is_day, day,
    record, message_count as messages
from modelled
where new_count > expected
    and new_count * ln(new_count / expected) - new_count + expected > $deviance
