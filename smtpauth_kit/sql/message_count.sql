-- Question: how many messages does a source hold under these filters?
-- Grain:    one row
with counted as (/* counted */)
select coalesce(sum(message_count), 0)::bigint as message_count from counted
