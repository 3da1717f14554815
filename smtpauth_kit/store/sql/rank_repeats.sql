-- Rows of one file that repeat each other.
-- In:  arrived. Out: arrived, where a row without an id has the number of its like; ranked.
create or replace temp table repeated as
select key from arrived group by key having count(*) > 1;

-- A row without an id (`row:`) is told from an equal one only by how often it stands in its file.
update arrived set row_key = key || ':1', key = key || ':1', short_key = hash(key || ':1')
where key like 'row:%' and key not in (from repeated);
update arrived set row_key = n.key, key = n.key, short_key = hash(n.key)
from (
    select rid, key || ':' || row_number() over (partition by key order by line) as key
    from arrived where key like 'row:%' and key in (from repeated)
) n
where arrived.rid = n.rid;

-- nth: the rows of one message in this file, the earliest event first.
create or replace temp table ranked as
with numbered as (
    select *, dense_rank() over (partition by key order by sent_at nulls last, line) as nth
    from arrived
    where key in (from repeated)
)
select rid, key, nth, row_number() over (
    partition by key, sent_at, recipients, tls_version, client_ip, auth_protocol, account_id,
        message_count
    order by nth
) > 1 as is_repeated
from numbered;
