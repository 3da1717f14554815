-- Question: may this sender's mailbox use SMTP AUTH, as last exported, and what does its tenant say?
-- Grain:    the newest row of the mailbox and of each tenant, mailbox first; of several rows of
--           one day the most blocked
-- Params:   $sender (as addresses are compared)
with placed as (
    select tenant, day, address, display_name, smtp_auth_disabled, allow_legacy_tls, address_key,
        row_number() over (partition by tenant, address_key order by day desc,
            case when smtp_auth_disabled then 0 when smtp_auth_disabled is null then 1 else 2 end,
            address, display_name, allow_legacy_tls) as newest
    from mailbox_settings
    where address_key = $sender or address_key = ''
)
select tenant, day, address, display_name, smtp_auth_disabled, allow_legacy_tls
from placed
where newest = 1
order by case when address_key = '' then 1 else 0 end, day desc
