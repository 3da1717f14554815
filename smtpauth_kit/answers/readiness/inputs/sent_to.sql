-- Question: to which domains did these senders write, and is every recipient told?
-- Grain:    one row per tenant, sender and domain of a recipient (what stands after the last @), and
--           one per tenant and sender (domain is null) of whether all are told
-- Reads:    asked_messages
with lists as (
    -- Equal lists are taken apart once: a device writes to the same people every day.
    select tenant, sender_key, recipients, coalesce(recipient_count, 0) as recipient_count,
        row_number() over (order by tenant, sender_key, recipients, recipient_count) as list_id
    from asked_messages
    group by tenant, sender_key, recipients, recipient_count
), one_each as (
    select tenant, sender_key, list_id, unnest(recipients) as recipient
    from lists
), addressed as (
    select tenant, sender_key, list_id, lower(regexp_replace(recipient, '^.*@', '')) as domain
    from one_each
    where recipient <> ''
), listed as (
    select l.tenant, l.sender_key, l.list_id, l.recipient_count, count(a.domain) as told_count
    from lists l
    left join addressed a on a.list_id = l.list_id
    group by l.tenant, l.sender_key, l.list_id, l.recipient_count
)
select tenant, sender_key, domain, 1 as are_all_told
from addressed
group by tenant, sender_key, domain
union all
select tenant, sender_key, cast(null as string) as domain,
    min(case when told_count > 0 and told_count >= recipient_count then 1 else 0 end)
        as are_all_told
from listed
group by tenant, sender_key
