-- The messages whose rows cannot just be inserted: another file has them already.
-- Params: $source, $tenant, $first_day, $last_day. Out: bulk_apart.
create or replace temp table bulk_apart as
select distinct hash_of(row_key, network_message_id, message_id) as short_key
from submission_rows
where source = $source and tenant = $tenant
    and period_start between $first_day::date - 1 and $last_day::date + 1
