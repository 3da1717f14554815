-- Question: on which days did each sender of a tenant use Basic auth?
-- Grain:    one row per sender of a tenant and day (of a count of several days: its last one)
-- Reads:    ready_rows, sender_numbers
select n.sender_number,
    cast(date_diff('day', date '1970-01-01', r.period_end) as int) as day_number
from ready_rows r
join sender_numbers n on n.tenant = r.tenant and n.sender_key = r.sender_key
where r.auth_protocol = 'basic'
group by n.sender_number, r.period_end
