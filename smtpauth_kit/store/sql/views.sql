-- The views of a store: its facts as a user reads them, without what another file had already.
create or replace view submissions as
select r.file_id, r.source, r.tenant, r.sent_at, r.period_start, r.period_end,
    s.address as sender_address, s.address_key as sender_key, s.domain as sender_domain,
    r.sender_derived, a.address as account, a.address_key as account_key,
    r.tls_version::text as tls_version, coalesce(r.tls_cipher, '') as tls_cipher,
    r.auth_protocol::text as auth_protocol, r.client_ip,
    case when r.recipients = '' then [] else string_split(r.recipients, ';') end as recipients,
    r.recipient_count, r.message_id, r.network_message_id, r.message_count, r.tls_derived,
    r.ahead_of_clock, r.superseded_by, r.fields_from, coalesce(r.message_subject, '') as message_subject
from submission_rows r
join addresses s on s.address_id = r.sender_id
join addresses a on a.address_id = r.account_id
where r.duplicate_of is null;

create or replace view duplicate_rows as
select r.duplicate_of as of_file_id, r.file_id, r.source, r.tenant, r.sent_at, r.period_start,
    r.period_end, s.address as sender_address, r.tls_version::text as tls_version,
    r.auth_protocol::text as auth_protocol, r.client_ip, r.recipients, r.message_id,
    r.network_message_id, r.message_count
from submission_rows r
join addresses s on s.address_id = r.sender_id
where r.duplicate_of <> r.file_id;

create or replace view sign_ins as
select * exclude (line, duplicate_of, row_key),
    case when row_key like 'id:%' then substr(row_key, 4) else '' end as sign_in_id
from sign_in_rows where duplicate_of is null;

create or replace view mail_context as
select * exclude (line, duplicate_of, row_key)
    replace (coalesce(message_subject, '') as message_subject)
from mail_context_rows where duplicate_of is null;

create or replace view mailbox_settings as
select * exclude (line, duplicate_of, row_key) from mailbox_setting_rows where duplicate_of is null;

create or replace view connector_volume as
select * exclude (line, duplicate_of, row_key) from connector_volume_rows where duplicate_of is null;

-- What the kit's own statements read under these names is everything; what `store.sql` shows under
-- them is what counts. Under these, either and any other program reads everything.
create or replace view all_submissions as from submissions;
create or replace view all_sign_ins as from sign_ins;
create or replace view all_daily_by_sender as from daily_by_sender;
create or replace view all_daily_by_domain as from daily_by_domain;
