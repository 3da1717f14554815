-- Question: which sources ever name the client address or recipients of a message, or say no TLS?
-- Grain:    as of told_columns, from what a store keeps of days and of each sixty days; counts of
--           several days and those that no longer count are looked at themselves
with told as (
    select source, tenant, tls_version = 'none' as says_none, false as says_client_ip,
        false as says_recipients
    from daily_by_sender
    union all
    select source, tenant, false, client_ip <> '', recipient_count > 0
    from span_by_place
    union all
    select source, tenant, tls_version = 'none', client_ip <> '', recipient_count > 0
    from submissions
    where superseded_by is not null or period_start <> period_end or message_count <= 0
)
select source, tenant, bool_or(says_none) as says_none, bool_or(says_client_ip) as says_client_ip,
    bool_or(says_recipients) as says_recipients
from told
group by source, tenant
