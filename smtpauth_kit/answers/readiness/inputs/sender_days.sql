-- Question: on which days did each sender of a tenant send, and how much?
-- Grain:    one row per sender of a tenant and day; counts of several days are in none
-- Reads:    ready_rows, sender_numbers
select n.sender_number, cast(date_diff('day', date '1970-01-01', r.period_start) as int)
        as day_number,
    cast(sum(r.message_count) as bigint) as message_count
from ready_rows r
join sender_numbers n on n.tenant = r.tenant and n.sender_key = r.sender_key
where r.period_start = r.period_end
group by n.sender_number, r.period_start
