-- Question: on which days did a sender write to far more recipients, in larger messages, than ever?
-- Grain:    one row per sender and day
-- Params:   $floor, $records, $message_records, $least_largest, $least_days, $high_count, $high_records
-- The second record keeps days of many usual messages out, and habitual broadcasts.
select tenant, 'sender' as subject_kind, cast(sender_key as string) as subject, first_at as first_seen,
    last_at as last_seen, cast(recipient_count as double) as measured,
    cast(recipient_record as double) as expected, message_count as evidence_count,
    ln(recipient_count / greatest(recipient_record, 1.0)) as score,
    case when recipient_count >= $high_count
        and recipient_count >= $high_records * greatest(recipient_record, 1) then 'high' end
        as severity,
    is_day, day, message_count as messages, largest_recipient_count as largest,
    largest_recipient_record as largest_record, recipient_record as record
from judged_days
where recipient_count >= $floor and other_days >= $least_days
    and recipient_count > $records * greatest(recipient_record, 1) * greatest(factor, 1.0)
    and largest_recipient_count >= $least_largest
    and largest_recipient_count > $message_records * greatest(largest_recipient_record, 1)
