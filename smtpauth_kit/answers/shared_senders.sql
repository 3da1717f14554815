-- Question: does a sender, or a message with an id, stand in both of two sources of a tenant?
-- Grain:    one row
-- Params:   $one; $other; $tenant
select
    (
        select count(*) from (
            select sender_key from daily_by_sender
            where source = $one and tenant = $tenant and message_count > 0
            intersect
            select sender_key from daily_by_sender
            where source = $other and tenant = $tenant and message_count > 0
        ) as senders
    ) as sender_count,
    (
        select count(*) from (
            select message_id from submissions
            where source = $one and tenant = $tenant and message_id <> ''
            intersect
            select message_id from submissions
            where source = $other and tenant = $tenant and message_id <> ''
        ) as messages
    ) as id_count
