-- Staged settings of one file into the store, each once. Runs inside the load's transaction.
-- In:  staged_mailbox_settings. Out: row_ends (ending, row_count, message_count).
create or replace temp table ended as
with keyed as (
    select *, row_number() over (partition by row_key order by line) as nth
    from staged_mailbox_settings
)
select keyed.*,
    case
        when nth > 1 then 'duplicate'
        when exists (
            select 1 from mailbox_settings s
            where s.row_key = keyed.row_key and s.tenant = keyed.tenant
        ) then 'duplicate'
        else 'loaded'
    end as ending
from keyed;

create or replace temp table row_ends as
select ending, count(*) as row_count, 0::hugeint as message_count from ended group by ending;

insert into mailbox_settings by name
select * exclude (nth, ending) from ended where ending = 'loaded';
