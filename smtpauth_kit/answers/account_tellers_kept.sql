-- Question: which sources say who authenticated?
-- Grain:    as of account_tellers, from what a store keeps of each sixty days; counts of several
--           days and those that no longer count are looked at themselves
select source
from span_by_place
where account_key <> ''
union
select source
from submissions
where account <> ''
    and (superseded_by is not null or period_start <> period_end or message_count <= 0)
