-- Question: which mailboxes may use SMTP AUTH and did not on any day loaded?
-- Grain:    one row per tenant and mailbox that is not blocked, in the order of addresses
-- Reads:    used_accounts, mailbox_switches, failed_accounts
with used as (
    select tenant, sender_key as address_key from daily_by_sender where message_count > 0
    union
    select tenant, account_key from used_accounts
)
select m.tenant, m.address, m.address_key, m.display_name, m.allowed, m.day as setting_day,
    t.failure_count
from mailbox_switches m
left join failed_accounts t on t.tenant = m.tenant and t.account_key = m.address_key
where m.allowed in ('allowed', 'inherits_allowed', 'unknown')
    and not exists (
        select 1 from used u where u.tenant = m.tenant and u.address_key = m.address_key
    )
order by m.address_key, m.tenant
