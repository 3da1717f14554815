-- What was counted.
select table_name, cast(null as bigint) as senders, cast(null as bigint) as messages,
    count(distinct account_key) as accounts, count(*) as sign_ins,
    count(distinct to_date(signed_in_at)) as days, min(to_date(signed_in_at)) as first_day,
    max(to_date(signed_in_at)) as last_day
from smtpauth_sign_ins
group by table_name
