-- Question: which days of each tenant are loaded?
-- Grain:    one row per tenant; of messages and of sign-ins apart (null: none are loaded)
with heard as (
    select tenant, min(first_heard) as first_heard
    from heard_senders group by tenant
), messages as (
    select tenant, min(day_number) as first_day, max(day_number) as last_day
    from covered_days group by tenant
), attempts as (
    select tenant, min(first_day) as first_day, max(last_day) as last_day
    from attempt_spans
    where account_key <> ''
    group by tenant
), both_of as (
    select tenant from messages union select tenant from attempts
)
select b.tenant, h.first_heard, m.first_day, m.last_day, a.first_day as first_sign_in_day,
    a.last_day as last_sign_in_day
from both_of b
left join heard h on h.tenant = b.tenant
left join messages m on m.tenant = b.tenant
left join attempts a on a.tenant = b.tenant
