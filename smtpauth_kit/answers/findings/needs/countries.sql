-- Question: is the country of any client address told?
-- Grain:    one row; a column for each need of a rule
select count(*) > 0 as countries
from address_countries
