-- Submissions by the days of $timezone: a message has its local day, a count keeps its own days.
select * replace (
    coalesce((sent_at at time zone 'UTC' at time zone $timezone)::date, period_start) as period_start,
    coalesce((sent_at at time zone 'UTC' at time zone $timezone)::date, period_end) as period_end
)
from submissions
where superseded_by is null
