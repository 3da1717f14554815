-- Question: may each mailbox use SMTP AUTH, by its newest export and its tenant's?
-- Grain:    one row per tenant and mailbox; of several rows of one day the most blocked counts
with newest_settings as (
    select tenant, address_key, max(day) as day
    from mailbox_settings
    group by tenant, address_key
), settings_said as (
    select m.tenant, m.address_key, max(m.day) as day, max(m.address) as address,
        max(m.display_name) as display_name,
        bool_or(coalesce(m.smtp_auth_disabled, false)) as is_blocked,
        bool_or(m.smtp_auth_disabled is null) as inherits
    from mailbox_settings m
    join newest_settings n on n.tenant = m.tenant and n.address_key = m.address_key and n.day = m.day
    group by m.tenant, m.address_key
)
select m.tenant, m.address_key, m.address, m.display_name, m.day,
    case when m.is_blocked then 'blocked'
        when not m.inherits then 'allowed'
        when t.is_blocked then 'inherits_blocked'
        when not t.inherits then 'inherits_allowed'
        else 'unknown' end as allowed
from settings_said m
left join settings_said t on t.tenant = m.tenant and t.address_key = ''
where m.address_key <> ''
