-- Question: do the messages that count name recipients?
-- Grain:    one row; a column for each need of a rule
select count(*) > 0 as recipient_addresses
from recipient_domains
