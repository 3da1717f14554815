-- Question: when did each account sign in, and from where?
-- Grain:    as of attempt_days, its rows of success: all who read them add them up, and to do so
--           here too took a second of the sixteen that 50 million messages take
select a.tenant, a.account_key,
    cast(date_diff('day', date '1970-01-01', a.period_start) as int) as day_number, a.client_ip,
    n.network, a.attempt_count as success_count, a.first_at, a.last_at
from attempt_days_asked a
join networks n on n.client_ip = a.client_ip
where a.client_ip <> '' and a.account_key <> '' and a.result = 'success'
