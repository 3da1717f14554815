-- One number for all forms of an address: rows of one message may have different ones.
-- In: addresses. Out: bulk_keys.
create or replace temp table bulk_keys as
select address_id, min(address_id) over (partition by address_key) as key_id from addresses
