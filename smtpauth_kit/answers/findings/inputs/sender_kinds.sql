-- Question: does a sender work at weekends, how many of its days is it active, and how much then?
-- Grain:    one row per tenant and sender
select w.tenant, w.sender_key, sum(w.covered) as covered, sum(w.active_days) as active_days,
    cast(sum(w.active_days) as double) / sum(w.covered) as active_share,
    sum(w.mean_count * w.covered) / sum(w.covered) as mean_count,
    coalesce(sum(case when w.weekday >= 5 then w.mean_count end), 0.0)
        > 0.1 * sum(w.mean_count) as has_weekends
from sender_weekdays w
group by w.tenant, w.sender_key
