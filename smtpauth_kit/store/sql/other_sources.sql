-- Question: does another source have messages with an id?
-- Grain:    one row if so
-- Params:   $source; $tenant
select 1 from submission_rows
where source <> $source and tenant = $tenant and message_id <> '' and row_key = ''
limit 1
