-- Adds the forms of addresses that the store does not know yet. In: batch. Out: addresses.
-- In their order: the same files give the same numbers, however they were read.
insert into addresses
select (select max(address_id) from addresses) + row_number() over (order by address),
    address, address_key, domain
from (select distinct on (address) address, address_key, domain from batch) new
where not exists (select 1 from addresses a where a.address = new.address);
