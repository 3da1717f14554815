-- Question: which senders are new, gone or changed, against the days before the range?
-- Grain:    one row per sender: the new, then the gone, then the changed; busiest first
-- Reads:    new_senders, gone_senders, changed_senders
with told as (
    select 1 as place, 'new' as kind, sender_address, sender_domain, first_seen, last_seen,
        cast(0 as bigint) as message_count_before, message_count, '' as change
    from new_senders
    union all
    select 2, 'gone', sender_address, sender_domain, first_seen, last_seen, message_count_before,
        cast(0 as bigint), ''
    from gone_senders
    union all
    select 3, 'changed', sender_address, sender_domain, first_seen, last_seen,
        message_count_before, message_count, change
    from changed_senders
    where change <> ''
)
select kind, sender_address, sender_domain, first_seen, last_seen, message_count_before,
    message_count, change
from told
order by place, message_count_before + message_count desc, sender_address
