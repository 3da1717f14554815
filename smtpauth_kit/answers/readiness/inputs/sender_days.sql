-- Question: what did each sender of a tenant send on each day, or in each period of a report?
-- Grain:    one row per sender of a tenant, first and last day
-- Reads:    ready_rows, sender_numbers
select n.sender_number, r.period_start, r.period_end,
    date_diff('day', date '1970-01-01', r.period_end) as day_number,
    cast(sum(r.message_count) as bigint) as message_count,
    sum(case when r.auth_protocol = 'basic' then r.message_count else 0 end) as basic_count,
    sum(case when r.auth_protocol = 'oauth' then r.message_count else 0 end) as oauth_count,
    sum(case when r.auth_protocol = 'unknown' then r.message_count else 0 end)
        as unknown_auth_count,
    sum(case when r.tls_version in ('1.0', '1.1') then r.message_count else 0 end)
        as legacy_tls_count,
    sum(case when r.tls_version = 'none' then r.message_count else 0 end) as none_tls_count,
    sum(case when r.tls_version = 'unknown' then r.message_count else 0 end) as unknown_tls_count
from ready_rows r
join sender_numbers n on n.tenant = r.tenant and n.sender_key = r.sender_key
group by n.sender_number, r.period_start, r.period_end
