-- Question: how many messages does a busy day have, in whichever source tells of most?
-- Grain:    one row; null where nothing is loaded. A count of several days is its mean per day.
select max(message_count / (period_end - period_start + 1))::double as message_count
from (
    select source, tenant, period_start, period_end, sum(message_count) as message_count
    from daily_by_domain
    where not ahead_of_clock
    group by source, tenant, period_start, period_end
) counted
