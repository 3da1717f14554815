-- The days of sign-ins that a file takes with it, and of lines that are read again, as changed.
-- In: $file_id (that leaves; -1: none), joined. Out: changed_periods.
insert into changed_periods
select distinct source, tenant, signed_in_at::date, signed_in_at::date
from sign_in_rows
where file_id = $file_id or (file_id, line) in (select file_id, line from joined);
