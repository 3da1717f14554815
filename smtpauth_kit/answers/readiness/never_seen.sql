-- Question: which mailboxes may use SMTP AUTH and did not on any day loaded?
-- Grain:    one row per tenant and mailbox that is not blocked, in the order of addresses
-- Reads:    mailbox_switches
with used as (
    select tenant, sender_key as address_key from daily_by_sender where message_count > 0
    union
    select tenant, account_key from submissions where account_key <> ''
    union
    select tenant, account_key from sign_ins where result = 'success'
), tried as (
    -- Of the source that tells of most: two sources tell of the same attempts.
    select tenant, account_key, max(failure_count) as failure_count
    from (
        select tenant, account_key, source, count(*) as failure_count
        from sign_ins
        where result = 'failure'
        group by tenant, account_key, source
    ) as by_source
    group by tenant, account_key
)
select m.tenant, m.address, m.address_key, m.display_name, m.allowed, m.day as setting_day,
    t.failure_count
from mailbox_switches m
left join tried t on t.tenant = m.tenant and t.account_key = m.address_key
where m.allowed in ('allowed', 'inherits_allowed', 'unknown')
    and not exists (
        select 1 from used u where u.tenant = m.tenant and u.address_key = m.address_key
    )
order by m.address_key, m.tenant
