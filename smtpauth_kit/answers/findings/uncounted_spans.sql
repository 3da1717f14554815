-- Question: of which spans of sixty days does the store not keep what its facts add up to?
-- Grain:    one row per source, tenant and span: a day changed since, or its messages or its sign-ins
--           are not as many
with facts as (
    select source, tenant, period_start, 'messages' as kind, message_count as n
    from daily_by_domain
    where period_start = period_end
    union all
    select source, tenant, cast(signed_in_at as date), 'sign-ins', cast(1 as bigint)
    from sign_ins
), compared as (
    select source, tenant, kind, n, cast(0 as bigint) as kept,
        cast(floor(date_diff('day', date '1970-01-01', period_start) / 60) as int) as span
    from facts
    union all
    select source, tenant, 'messages', cast(0 as bigint), message_count, span
    from span_by_place
    union all
    select source, tenant, 'sign-ins', cast(0 as bigint), attempt_count, span
    from span_by_attempt
), differing as (
    select source, tenant, span
    from compared
    group by source, tenant, kind, span
    having sum(n) <> sum(kept)
), changed as (
    select source, tenant,
        cast(floor(date_diff('day', date '1970-01-01', period_start) / 60) as int) as span
    from changed_periods
    where period_start = period_end
), both_of as (
    select source, tenant, span from differing
    union
    select source, tenant, span from changed
)
select source, tenant, span
from both_of
order by span, source, tenant
