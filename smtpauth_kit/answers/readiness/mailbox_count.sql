-- Question: of how many mailboxes is the setting for SMTP AUTH loaded?
-- Grain:    one row
select count(distinct concat(tenant, '|', address_key)) as mailbox_count
from mailbox_settings
where address_key <> ''
