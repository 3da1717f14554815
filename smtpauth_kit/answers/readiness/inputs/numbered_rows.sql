-- Question: what did each sender of a tenant send, by its number?
-- Grain:    as of ready_rows; without the texts of a sender, which are much to carry through sums
-- Reads:    ready_rows, sender_numbers
select n.sender_number, r.period_start, r.period_end, r.tls_version, r.auth_protocol,
    r.message_count
from ready_rows r
join sender_numbers n on n.tenant = r.tenant and n.sender_key = r.sender_key
