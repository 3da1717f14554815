-- Question: how many messages does a source hold under these filters?
-- Grain:    one row
-- Reads:    counted
select cast(coalesce(sum(message_count), 0) as bigint) as message_count from counted
