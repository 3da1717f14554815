-- What was counted.
select table_name, count(distinct sender_key) as senders, sum(message_count) as messages,
    cast(null as bigint) as accounts, cast(null as bigint) as sign_ins,
    count(distinct period_start) as days, min(period_start) as first_day,
    max(period_start) as last_day
from smtpauth_submissions
group by table_name
