-- Question: which tenants have an Exchange front end's receive log, and no log of the hub behind it?
-- Grain:    one row per tenant; a front end's log tells of sessions, and of no message
select tenant
from source_files
where source = 'server_log' and format = 'receive-log'
group by tenant
having sum(message_count) = 0 and sum(rows_other) > 0
