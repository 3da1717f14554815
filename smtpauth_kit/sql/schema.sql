-- The tables of a store, schema version 1. Times are UTC; days are UTC days, both ends included.
create table store_info (schema_version integer, kit_version text, created_at timestamp);
comment on table store_info is 'what made this store; another schema version is refused';

create sequence file_ids;

create table source_files (
    file_id integer primary key,
    path text, format text, source text, tenant text, loaded_at timestamp, why text,
    content_sha256 text, load_key text unique,
    period_start date, period_end date,
    rows_read bigint, rows_loaded bigint, rows_duplicate bigint, rows_rejected bigint,
    rows_other bigint, message_count bigint, warnings text[]
);
comment on table source_files is 'one export that was loaded: recognised as what and why, its period, how its rows ended';
comment on column source_files.load_key is 'content, tenant and period: the same again loads nothing';
comment on column source_files.rows_other is 'good rows that are no submission or SMTP sign-in, or one more event or recipient of a message already counted';

create table submissions (
    file_id integer, line bigint, source text, tenant text,
    sent_at timestamp, period_start date, period_end date,
    sender_address text, sender_key text, sender_domain text, account text,
    tls_version text, auth_protocol text, client_ip text,
    recipients text[], recipient_count integer, message_id text, network_message_id text,
    message_count bigint, tls_derived boolean, ahead_of_clock boolean, superseded_by integer,
    row_key text
);
comment on table submissions is 'one message handed in over SMTP AUTH, or a count of them for a sender and a period; never add two sources';
comment on column submissions.sent_at is 'UTC; null for counts and where the export gives only a day';
comment on column submissions.period_start is 'first UTC day, included; equal to period_end for a message';
comment on column submissions.period_end is 'last UTC day, included';
comment on column submissions.sender_address is 'From or MAIL FROM as the source has it';
comment on column submissions.sender_key is 'the address as it is compared: lower case, domain in IDNA form';
comment on column submissions.sender_domain is 'part after the @, lower case, IDNA form';
comment on column submissions.account is 'who authenticated, when the source says so';
comment on column submissions.tls_version is 'none, 1.0, 1.1, 1.2, 1.3 or unknown (not stated)';
comment on column submissions.auth_protocol is 'basic, oauth or unknown (not stated)';
comment on column submissions.message_count is 'messages, 0 or more';
comment on column submissions.tls_derived is 'the TLS count was worked out from a percentage';
comment on column submissions.ahead_of_clock is 'dated more than two days ahead of the clock of the machine that loaded it';
comment on column submissions.superseded_by is 'the file that states other figures for the same sender and period, and counts instead';
comment on column submissions.row_key is 'equal for rows that state the same message or count';

create table duplicate_rows (
    of_file_id integer, file_id integer, line bigint, source text, tenant text,
    sent_at timestamp, period_start date, period_end date,
    sender_address text, sender_key text, sender_domain text, account text,
    tls_version text, auth_protocol text, client_ip text,
    recipients text[], recipient_count integer, message_id text, network_message_id text,
    message_count bigint, tls_derived boolean, ahead_of_clock boolean, superseded_by integer,
    row_key text
);
comment on table duplicate_rows is 'a submission that another file (of_file_id) had already; in no figure';

create table sign_ins (
    file_id integer, line bigint, source text, tenant text, signed_in_at timestamp,
    account text, account_key text, result text, error_code text, auth_protocol text,
    client_ip text, country text, city text, network text, user_agent text,
    ahead_of_clock boolean, row_key text
);
comment on table sign_ins is 'one attempt to authenticate for SMTP; a failure is never use';
comment on column sign_ins.signed_in_at is 'UTC';
comment on column sign_ins.account_key is 'the account as it is compared with submissions.sender_key';
comment on column sign_ins.result is 'success or failure; an interrupted sign-in is a failure';
comment on column sign_ins.country is 'as the log has it, usually two letters';
comment on column sign_ins.network is 'autonomous system number';

create table mailbox_settings (
    file_id integer, line bigint, tenant text, day date, day_derived boolean,
    address text, address_key text, display_name text,
    smtp_auth_disabled boolean, allow_legacy_tls boolean, row_key text
);
comment on table mailbox_settings is 'what a mailbox (empty address: the tenant) was allowed on one day';
comment on column mailbox_settings.smtp_auth_disabled is 'true: blocked; false: allowed; null: inherits the tenant';
comment on column mailbox_settings.day_derived is 'the export has no day; the date of the file was taken';

create table rejected_rows (file_id integer, line bigint, reason text, raw text);
comment on table rejected_rows is 'a row that was not loaded, as it came, and why';

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

create table settings (name text primary key, value json, changed_at timestamp);
comment on table settings is 'what users keep: saved filters, column mappings, owners, notes';
