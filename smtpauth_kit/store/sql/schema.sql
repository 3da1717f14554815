-- The tables of a store, schema version 4. Times are UTC; days are UTC days, both ends included.
-- Each kind of fact has a table of rows (`…_rows`) with every row of every file, and a view that
-- leaves out what another file had already: a file can be unloaded again, exactly.
create table store_info (schema_version integer, kit_version text, created_at timestamp);
comment on table store_info is 'what made this store; another schema version is refused';

create sequence file_ids;

create table source_files (
    file_id integer primary key,
    path text, format text, source text, tenant text, loaded_at timestamp, why text,
    cannot_tell text[], content_sha256 text, content_bytes bigint, load_key text unique,
    period_start date, period_end date,
    rows_read bigint, rows_loaded bigint, rows_duplicate bigint, rows_rejected bigint,
    rows_other bigint, message_count bigint, warnings text[],
    header text, sentences text
);
comment on table source_files is 'one export that was loaded: recognised as what and why, its period, how its rows ended';
comment on column source_files.cannot_tell is 'what exports of this format do not say';
comment on column source_files.load_key is 'content, tenant and period: the same again loads nothing';
comment on column source_files.header is 'its header, under which rejected rows can stand again; empty where it has none';
comment on column source_files.sentences is 'why and warnings once more, as templates with their values: for other languages than English';
comment on column source_files.rows_other is 'good rows that are no submission or SMTP sign-in, or one more event or recipient of a message already counted';

-- Text that stands in many rows is kept once: writing it ten million times is what loading costs.
create table addresses (address_id integer, address text, address_key text, domain text);
comment on table addresses is 'every form in which an address came: as it came, as it is compared, its domain';

insert into addresses values (0, '', '', '');

create type tls_version as enum ('none', '1.0', '1.1', '1.2', '1.3', 'unknown');
create type auth_protocol as enum ('basic', 'oauth', 'unknown');

create table submission_rows (
    file_id integer, source text, tenant text, sent_at timestamp, period_start date, period_end date,
    sender_id integer, sender_derived boolean, account_id integer,
    tls_version tls_version, auth_protocol auth_protocol, client_ip text,
    recipients text, recipient_count integer, message_id text, network_message_id text,
    message_count bigint, tls_derived boolean, ahead_of_clock boolean,
    superseded_by integer, duplicate_of integer, adds_recipients boolean, session text, row_key text,
    tls_cipher text
);
comment on table submission_rows is 'every row behind the view submissions, also what another file had (duplicate_of)';

-- Rows are the same message when this is equal: an id names it, else all their columns do.
create macro key_of(row_key, network_message_id, message_id, sender_key, day) as
    case when row_key <> '' then row_key
        when network_message_id <> '' then 'net:' || network_message_id
        else 'id:' || message_id || chr(10) || sender_key || chr(10) || day end;
-- The same in 64 bits, made anew at each load (no hash is stored): equal keys have equal hashes.
create macro hash_of(row_key, network_message_id, message_id) as
    hash(case when row_key <> '' then row_key
        when network_message_id <> '' then network_message_id else message_id end);

create view submissions as
select r.file_id, r.source, r.tenant, r.sent_at, r.period_start, r.period_end,
    s.address as sender_address, s.address_key as sender_key, s.domain as sender_domain,
    r.sender_derived, a.address as account,
    r.tls_version::text as tls_version, coalesce(r.tls_cipher, '') as tls_cipher,
    r.auth_protocol::text as auth_protocol, r.client_ip,
    case when r.recipients = '' then [] else string_split(r.recipients, ';') end as recipients,
    r.recipient_count, r.message_id, r.network_message_id, r.message_count, r.tls_derived,
    r.ahead_of_clock, r.superseded_by
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
comment on column submissions.tls_version is 'none, 1.0, 1.1, 1.2, 1.3 or unknown (not stated)';
comment on column submissions.tls_cipher is 'as the source names it; empty where it does not say';
comment on column submissions.auth_protocol is 'basic, oauth or unknown (not stated)';
comment on column submissions.message_count is 'messages, 0 or more';
comment on column submissions.tls_derived is 'the TLS count was worked out from a percentage';
comment on column submissions.ahead_of_clock is 'dated more than two days ahead of the clock of the machine that loaded it';
comment on column submissions.superseded_by is 'the file that states other figures for the same sender and period, and counts instead';

create view duplicate_rows as
select r.duplicate_of as of_file_id, r.file_id, r.source, r.tenant, r.sent_at, r.period_start,
    r.period_end, s.address as sender_address, r.tls_version::text as tls_version,
    r.auth_protocol::text as auth_protocol, r.client_ip, r.recipients, r.message_id,
    r.network_message_id, r.message_count
from submission_rows r
join addresses s on s.address_id = r.sender_id
where r.duplicate_of is not null;
comment on view duplicate_rows is 'a submission that another file (of_file_id) had already; in no figure';

create table smtp_sessions (
    file_id integer, source text, tenant text, session text,
    tls_version text, auth_protocol text, account text
);
comment on table smtp_sessions is 'a session of an Exchange front end, whose messages stand in another log';

create table sign_in_rows (
    file_id integer, line bigint, source text, tenant text, signed_in_at timestamp,
    account text, account_key text, result text, error_code text, auth_protocol text,
    client_ip text, country text, city text, network text, user_agent text,
    ahead_of_clock boolean, duplicate_of integer, row_key text
);
create view sign_ins as
select * exclude (line, duplicate_of, row_key),
    case when row_key like 'id:%' then substr(row_key, 4) else '' end as sign_in_id
from sign_in_rows where duplicate_of is null;
comment on table sign_in_rows is 'every row behind the view sign_ins, also what another file had (duplicate_of)';
comment on view sign_ins is 'one attempt to authenticate for SMTP; a failure is never use';
comment on column sign_ins.signed_in_at is 'UTC';
comment on column sign_ins.account_key is 'the account as it is compared with submissions.sender_key';
comment on column sign_ins.result is 'success or failure; an interrupted sign-in is a failure';
comment on column sign_ins.country is 'as the log has it, usually two letters';
comment on column sign_ins.sign_in_id is 'the log''s own id of the attempt, where it has one: the same one is never counted twice';
comment on column sign_ins.network is 'autonomous system number';

create table mail_context_rows (
    file_id integer, line bigint, source text, tenant text, received_at timestamp,
    sender_address text, sender_key text, sender_domain text, recipient_address text,
    status text, client_ip text, connector text, tls_version text,
    message_id text, network_message_id text,
    ahead_of_clock boolean, duplicate_of integer, row_key text
);
create view mail_context as
select * exclude (line, duplicate_of, row_key) from mail_context_rows where duplicate_of is null;
comment on table mail_context_rows is 'every row behind the view mail_context, also what another file had (duplicate_of)';
comment on view mail_context is 'one recipient of a message known to be mail, not known to be SMTP AUTH; in no figure';
comment on column mail_context.received_at is 'UTC; null where the export gives only a day';
comment on column mail_context.tls_version is 'of the hop that the detail names; unknown where it names none';

create table mailbox_setting_rows (
    file_id integer, line bigint, source text, tenant text, day date, day_derived boolean,
    address text, address_key text, display_name text,
    smtp_auth_disabled boolean, allow_legacy_tls boolean, duplicate_of integer, row_key text
);
create view mailbox_settings as
select * exclude (line, duplicate_of, row_key) from mailbox_setting_rows where duplicate_of is null;
comment on table mailbox_setting_rows is 'every row behind the view mailbox_settings, also what another file had (duplicate_of)';
comment on view mailbox_settings is 'what a mailbox (empty address: the tenant) was allowed on one day';
comment on column mailbox_settings.smtp_auth_disabled is 'true: blocked; false: allowed; null: inherits the tenant';
comment on column mailbox_settings.day_derived is 'the export has no day; the date of the file was taken';

create table connector_volume_rows (
    file_id integer, line bigint, source text, tenant text, day date, connector text, connector_type text,
    forced_tls text, none_count bigint, tls_1_0_count bigint, tls_1_1_count bigint,
    tls_1_2_count bigint, tls_1_3_count bigint, message_count bigint,
    duplicate_of integer, row_key text
);
create view connector_volume as
select * exclude (line, duplicate_of, row_key) from connector_volume_rows where duplicate_of is null;
comment on table connector_volume_rows is 'every row behind the view connector_volume, also what another file had (duplicate_of)';
comment on view connector_volume is 'a day of a connector between servers; context only, in no figure of SMTP AUTH';

create table rejected_rows (
    file_id integer, line bigint, reason text, raw text, sentence text
);
comment on table rejected_rows is 'a row that was not loaded, as it came, and why';
comment on column rejected_rows.sentence is 'the reason as a template with its values, for other languages than English; empty where it has no values';

create table daily_by_sender (
    source text, tenant text, period_start date, period_end date,
    sender_key text, sender_address text, sender_domain text,
    tls_version text, auth_protocol text, ahead_of_clock boolean, message_count bigint
);
comment on table daily_by_sender is 'submissions added up by day or period, sender, TLS version and auth protocol';

create table daily_by_domain (
    source text, tenant text, period_start date, period_end date, sender_domain text,
    tls_version text, auth_protocol text, ahead_of_clock boolean, message_count bigint
);
comment on table daily_by_domain is 'submissions added up by day or period, sender domain, TLS version and auth protocol';

