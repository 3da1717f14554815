-- Question: which texts stand in the columns of a plain submission log that repeat theirs?
-- Grain:    one row: a list for each such column, and the first and last day
with cells as (/* log */)
select list(distinct sender_text) as senders, list(distinct account_text) as accounts,
    list(distinct tls_text) as tls_versions, list(distinct auth_text) as auth_protocols,
    list(distinct ip_text) as client_ips,
    min(try_cast(left(date_text, 10) as date)) as first_day,
    max(try_cast(left(date_text, 10) as date)) as last_day
from cells
