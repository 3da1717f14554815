-- Question: which settings of a mailbox and of its tenant prove a finding?
-- Grain:    one row per setting and day of its export
-- Params:   $tenant, $subject
select day, day_derived, address, display_name, smtp_auth_disabled, allow_legacy_tls, source, file_id
from mailbox_settings
where tenant = $tenant and address_key in ($subject, '')
order by day, address
