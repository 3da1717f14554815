-- The views of a store: its facts as a user reads them, without what another file had already.
create or replace view submissions as
select r.file_id, r.source, r.tenant, r.sent_at, r.period_start, r.period_end,
    s.address as sender_address, s.address_key as sender_key, s.domain as sender_domain,
    r.sender_derived, a.address as account, a.address_key as account_key,
    r.tls_version::text as tls_version, coalesce(r.tls_cipher, '') as tls_cipher,
    r.auth_protocol::text as auth_protocol, r.client_ip,
    case when r.recipients = '' then [] else string_split(r.recipients, ';') end as recipients,
    r.recipient_count, r.message_id, r.network_message_id, r.message_count, r.tls_derived,
    r.ahead_of_clock, r.superseded_by, r.fields_from
from submission_rows r
join addresses s on s.address_id = r.sender_id
join addresses a on a.address_id = r.account_id
where r.duplicate_of is null;
comment on view submissions is 'one message handed in over SMTP AUTH, or a count of them for a sender and a period; never add two sources';
comment on column submissions.sent_at is 'UTC; null for counts and where the export gives only a day';
comment on column submissions.period_start is 'first UTC day, included; equal to period_end for a message';
comment on column submissions.period_end is 'last UTC day, included';
comment on column submissions.sender_address is 'From or MAIL FROM as the source has it';
comment on column submissions.sender_key is 'the address as it is compared: lower case, domain in IDNA form';
comment on column submissions.sender_domain is 'part after the @, lower case, IDNA form';
comment on column submissions.sender_derived is 'the log names no sender: the account that signed in was taken';
comment on column submissions.account is 'who authenticated, when the source says so';
comment on column submissions.account_key is 'the account as it is compared with sign_ins.account_key';
comment on column submissions.tls_version is 'none, 1.0, 1.1, 1.2, 1.3 or unknown (not stated)';
comment on column submissions.tls_cipher is 'as the source names it; empty where it does not say';
comment on column submissions.auth_protocol is 'basic, oauth or unknown (not stated)';
comment on column submissions.message_count is 'messages, 0 or more';
comment on column submissions.tls_derived is 'the TLS count was worked out from a percentage';
comment on column submissions.ahead_of_clock is 'dated more than two days ahead of the clock of the machine that loaded it';
comment on column submissions.fields_from is 'which fields another source told of the same message, as field=source; empty where its own source told all';
comment on column submissions.superseded_by is 'the file that states other figures for the same sender and period, and counts instead';

create or replace view duplicate_rows as
select r.duplicate_of as of_file_id, r.file_id, r.source, r.tenant, r.sent_at, r.period_start,
    r.period_end, s.address as sender_address, r.tls_version::text as tls_version,
    r.auth_protocol::text as auth_protocol, r.client_ip, r.recipients, r.message_id,
    r.network_message_id, r.message_count
from submission_rows r
join addresses s on s.address_id = r.sender_id
where r.duplicate_of <> r.file_id;
comment on view duplicate_rows is 'a submission that another file (of_file_id) had already; in no figure';

create or replace view sign_ins as
select * exclude (line, duplicate_of, row_key),
    case when row_key like 'id:%' then substr(row_key, 4) else '' end as sign_in_id
from sign_in_rows where duplicate_of is null;
comment on view sign_ins is 'one attempt to authenticate for SMTP; a failure is never use';
comment on column sign_ins.signed_in_at is 'UTC';
comment on column sign_ins.account_key is 'the account as it is compared with submissions.sender_key';
comment on column sign_ins.result is 'success or failure; an interrupted sign-in is a failure';
comment on column sign_ins.country is 'as the log has it, usually two letters';
comment on column sign_ins.sign_in_id is 'the log''s own id of the attempt, where it has one: the same one is never counted twice';
comment on column sign_ins.network is 'autonomous system number';

create or replace view mail_context as
select * exclude (line, duplicate_of, row_key) from mail_context_rows where duplicate_of is null;
comment on view mail_context is 'one recipient of a message known to be mail, not known to be SMTP AUTH; in no figure';
comment on column mail_context.received_at is 'UTC; null where the export gives only a day';
comment on column mail_context.tls_version is 'of the hop that the detail names; unknown where it names none';

create or replace view mailbox_settings as
select * exclude (line, duplicate_of, row_key) from mailbox_setting_rows where duplicate_of is null;
comment on view mailbox_settings is 'what a mailbox (empty address: the tenant) was allowed on one day';
comment on column mailbox_settings.smtp_auth_disabled is 'true: blocked; false: allowed; null: inherits the tenant';
comment on column mailbox_settings.day_derived is 'the export has no day; the date of the file was taken';

create or replace view connector_volume as
select * exclude (line, duplicate_of, row_key) from connector_volume_rows where duplicate_of is null;
comment on view connector_volume is 'a day of a connector between servers; context only, in no figure of SMTP AUTH';
