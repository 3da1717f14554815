-- Question: which accounts does any source name for a message, or for a successful sign-in?
-- Grain:    as of used_accounts, from what a store keeps of each sixty days; counts of several days
--           and those that no longer count are in none
select tenant, account_key
from span_by_place
where account_key <> ''
union
select tenant, account_key
from submissions
where account_key <> ''
    and (superseded_by is not null or period_start <> period_end or message_count <= 0)
union
select tenant, account_key
from span_by_attempt
where result = 'success'
