-- Question: how often did each account sign in, and fail to, in each period?
-- Grain:    one row per tenant, period and account
-- Reads:    period_days, counted_sign_ins
select p.tenant, p.period_start, p.period_end, s.account_key,
    cast(sum(case when s.result = 'success' then 1 else 0 end) as bigint) as success_count,
    cast(sum(case when s.result = 'failure' then 1 else 0 end) as bigint) as failure_count
from counted_sign_ins as s
join period_days as p on p.tenant = s.tenant and p.day = s.day
group by p.tenant, p.period_start, p.period_end, s.account_key
