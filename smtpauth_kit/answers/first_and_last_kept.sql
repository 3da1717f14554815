-- Question: when was the first and the last message of each tenant and source, where told?
-- Grain:    as of first_and_last, from what a store keeps of each sixty days; times of rows that no
--           longer count are looked at themselves
with told as (
    select tenant, source, first_sent_at, last_sent_at
    from span_by_place
    where not ahead_of_clock
    union all
    select tenant, source, sent_at, sent_at
    from submissions
    where not ahead_of_clock
        and (superseded_by is not null or period_start <> period_end or message_count <= 0)
)
select tenant, source, min(first_sent_at) as first_at, max(last_sent_at) as last_at
from told
where first_sent_at is not null
group by tenant, source
