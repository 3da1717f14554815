-- Question: which of the exceptional steps do the rows of a file need?
-- Grain:    one row: a log of one's own servers; rows of a report; rows that may repeat each other
select coalesce(bool_or(source = 'server_log'), false) as is_server_log,
    coalesce(bool_or(source = 'report'), false) as is_report,
    count(*) > count(distinct key) or coalesce(bool_or(key like 'row:%'), false) as may_repeat
from arrived
