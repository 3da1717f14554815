-- Question: which messages lie on another day of a time zone than of UTC?
-- Grain:    two rows per message: one takes it from its day of UTC (message_count is below 0), one
--           adds it to its day there
-- Params:   $timezone
select source, tenant, case when sign < 0 then utc_day else local_day end as day, utc_day,
    sender_domain, tls_version, auth_protocol, ahead_of_clock, sign * message_count as message_count
from (
    select source, tenant, period_start as utc_day,
        cast(sent_at at time zone 'UTC' at time zone $timezone as date) as local_day,
        sender_domain, tls_version, auth_protocol, ahead_of_clock, message_count
    from submissions
    where superseded_by is null and message_count > 0
) as messages
cross join (select -1 as sign union all select 1 as sign) as signs
where local_day <> utc_day
