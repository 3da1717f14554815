-- Question: at which times were the first and the last message of each source?
-- Grain:    one row per source that says the time
select cast(min(sent_at) as string) as first_at, cast(max(sent_at) as string) as last_at
from submissions
where sent_at is not null and not ahead_of_clock
group by source
