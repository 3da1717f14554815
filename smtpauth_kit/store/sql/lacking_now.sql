-- Question: how many senders of earlier exports of the same report and period does the file that is
--           being loaded not have?
-- Grain:    one row: senders, and the paths of the earlier files
with ours as (
    select distinct tenant, period_start, period_end, file_id from arrived where source = 'report'
), theirs as (
    select s.file_id, a.address_key, s.tenant, s.period_start, s.period_end
    from submission_rows s
    join addresses a on a.address_id = s.sender_id
    join ours using (tenant, period_start, period_end)
    where s.source = 'report' and s.superseded_by is null and s.duplicate_of is null
        and s.file_id <> ours.file_id
), lacking as (
    select distinct file_id, address_key from theirs
    where not exists (select 1 from arrived n where n.sender_key = theirs.address_key)
)
select count(distinct address_key), string_agg(distinct f.path, ', ' order by f.path)
from lacking join source_files f using (file_id)
