-- Rows of logs of one's own servers: the message that a row of another file names.
-- In:  arrived, submission_rows, addresses. Out: arrived, with the keys of their messages.
-- A cut copy of a mail log lacks the message id: its message is known by its queue id.
update arrived k set row_key = '', message_id = r.message_id, sender_address = r.sender_address,
    sender_id = r.sender_id, sender_key = r.sender_key, key = r.key, short_key = r.short_key
from (
    select distinct on (tenant, session) tenant, session, message_id, sender_address, sender_id,
        sender_key, key, short_key
    from (
        select r.tenant, r.session, r.message_id, a.address as sender_address, r.sender_id,
            a.address_key as sender_key,
            key_of(r.row_key, r.network_message_id, r.message_id, a.address_key, r.period_start)
                as key,
            hash_of(r.row_key, r.network_message_id, r.message_id) as short_key
        from submission_rows r join addresses a on a.address_id = r.sender_id
        where r.session in (select row_key from arrived where row_key like 'queue:%')
        union all
        select tenant, session, message_id, sender_address, sender_id, sender_key, key, short_key
        from arrived where session like 'queue:%'
    )
    order by tenant, session, key
) r
where k.row_key like 'queue:%' and k.row_key = r.session and k.tenant = r.tenant;

-- A message that one of one's own servers took before midnight and another one within an hour, but
-- after it, is one: it has the key of the day that is in the store, else of the first day.
create or replace temp table over_midnight as
with near as (
    select distinct tenant, message_id, sender_key, period_start, sent_at, false as is_stored
    from arrived
    where source = 'server_log' and row_key = '' and network_message_id = ''
        and message_id <> '' and hour(sent_at) in (0, 23)
), others as (
    select * from near
    union all
    select r.tenant, r.message_id, a.address_key, r.period_start, r.sent_at, true
    from submission_rows r
    join addresses a on a.address_id = r.sender_id
    where r.source = 'server_log' and r.row_key = '' and r.network_message_id = ''
        and r.message_id in (select message_id from near) and hour(r.sent_at) in (0, 23)
        and r.period_start between (select min(period_start) - 1 from near)
            and (select max(period_start) + 1 from near)
)
select n.tenant, n.message_id, n.sender_key, n.period_start,
    case when bool_or(o.is_stored) then min(o.period_start) filter (where o.is_stored)
        else least(n.period_start, min(o.period_start)) end as day
from near n
join others o using (tenant, message_id, sender_key)
where o.period_start in (n.period_start - 1, n.period_start + 1)
    and abs(epoch(o.sent_at) - epoch(n.sent_at)) <= 3600
group by n.tenant, n.message_id, n.sender_key, n.period_start;

update arrived k set key = key_of('', '', k.message_id, k.sender_key, m.day)
from over_midnight m
where k.source = 'server_log' and k.row_key = '' and k.network_message_id = ''
    and k.tenant = m.tenant and k.message_id = m.message_id and k.sender_key = m.sender_key
    and k.period_start = m.period_start
    and not exists (
        select 1 from submission_rows r
        join addresses a on a.address_id = r.sender_id
        where r.source = 'server_log' and r.tenant = k.tenant and r.message_id = k.message_id
            and a.address_key = k.sender_key and r.period_start = k.period_start
    );
