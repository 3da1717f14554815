-- The rollups of the days and periods that changed, made anew from the rows that count.
-- In: changed (may name a period twice), submission_rows.
-- Out: daily_by_sender, daily_by_domain, changed_periods.
create or replace temp table periods as
select distinct source, tenant, period_start, period_end from changed;

insert into changed_periods select source, tenant, period_start, period_end from periods;

delete from daily_by_sender d
where exists (
    select 1 from periods c
    where c.source = d.source and c.tenant = d.tenant
        and c.period_start = d.period_start and c.period_end = d.period_end
);

insert into daily_by_sender by name
with counted as (
    select source, tenant, period_start, period_end, sender_id, tls_version, auth_protocol,
        ahead_of_clock, sum(message_count) as message_count
    from submission_rows
    semi join periods using (source, tenant, period_start, period_end)
    where superseded_by is null and duplicate_of is null
    group by all
), summed as (
    select source, tenant, period_start, period_end, a.address_key as sender_key,
        max(a.address) as sender_address, a.domain as sender_domain,
        tls_version::text as tls_version, auth_protocol::text as auth_protocol, ahead_of_clock,
        sum(message_count)::bigint as message_count
    from counted
    join addresses a on a.address_id = counted.sender_id
    group by all
)
select * from summed
-- By month, so that a short range reads few row groups; in it by sender, so that texts pack well.
order by date_trunc('month', period_start), sender_key, period_start;

delete from daily_by_domain d
where exists (
    select 1 from periods c
    where c.source = d.source and c.tenant = d.tenant
        and c.period_start = d.period_start and c.period_end = d.period_end
);

insert into daily_by_domain by name
select source, tenant, period_start, period_end, sender_domain, tls_version, auth_protocol,
    ahead_of_clock, sum(message_count)::bigint as message_count
from daily_by_sender
semi join periods using (source, tenant, period_start, period_end)
group by all
order by sender_domain, period_start;
