-- Question: are settings of mailboxes loaded?
-- Grain:    one row; a column for each need of a rule
select count(*) > 0 as mailbox_settings
from mailbox_settings
where address_key <> ''
