-- The tables of a store, schema version 6. Times are UTC; days are UTC days, both ends included.
-- Each kind of fact has a table of rows (`…_rows`) with every row of every file, and a view that
-- leaves out what another file had already: a file can be unloaded again, exactly.
create table store_info (schema_version integer, kit_version text, created_at timestamp);

create sequence file_ids;

create table source_files (
    file_id integer primary key,
    path text, format text, source text, tenant text, loaded_at timestamp, why text,
    cannot_tell text[], content_sha256 text, content_bytes bigint, load_key text unique,
    period_start date, period_end date,
    rows_read bigint, rows_loaded bigint, rows_duplicate bigint, rows_rejected bigint,
    rows_other bigint, message_count bigint, warnings text[],
    header text, sentences text, written_at timestamp
);

-- Text that stands in many rows is kept once: writing it ten million times is what loading costs.
create table addresses (address_id integer, address text, address_key text, domain text);

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
    is_settled boolean default false, fields_from text default '', line bigint, tls_cipher text,
    message_subject text
);

-- Rows are the same message when this is equal: an id names it, else all their columns do.
create macro key_of(row_key, network_message_id, message_id, sender_key, day) as
    case when row_key <> '' then row_key
        when network_message_id <> '' then 'net:' || network_message_id
        else 'id:' || message_id || chr(10) || sender_key || chr(10) || day end;
-- The same in 64 bits, made anew at each load (no hash is stored): equal keys have equal hashes.
create macro hash_of(row_key, network_message_id, message_id) as
    hash(case when row_key <> '' then row_key
        when network_message_id <> '' then network_message_id else message_id end);

create table smtp_sessions (
    file_id integer, source text, tenant text, session text,
    tls_version text, auth_protocol text, account text, line bigint
);

create table open_lines (
    file_id integer, source text, tenant text, format text, line bigint, logged_at timestamp,
    place bigint, thread text, joins text, text text
);

create table sign_in_rows (
    file_id integer, line bigint, source text, tenant text, signed_in_at timestamp,
    account text, account_key text, result text, error_code text, auth_protocol text,
    client_ip text, country text, city text, network text, user_agent text,
    ahead_of_clock boolean, duplicate_of integer, row_key text
);

create table mail_context_rows (
    file_id integer, line bigint, source text, tenant text, received_at timestamp,
    sender_address text, sender_key text, sender_domain text, recipient_address text,
    status text, client_ip text, connector text, tls_version text,
    message_id text, network_message_id text,
    ahead_of_clock boolean, duplicate_of integer, row_key text, message_subject text
);

create table mailbox_setting_rows (
    file_id integer, line bigint, source text, tenant text, day date, day_derived boolean,
    address text, address_key text, display_name text,
    smtp_auth_disabled boolean, allow_legacy_tls boolean, duplicate_of integer, row_key text
);

create table connector_volume_rows (
    file_id integer, line bigint, source text, tenant text, day date, connector text, connector_type text,
    forced_tls text, none_count bigint, tls_1_0_count bigint, tls_1_1_count bigint,
    tls_1_2_count bigint, tls_1_3_count bigint, message_count bigint,
    duplicate_of integer, row_key text
);

create table rejected_rows (
    file_id integer, line bigint, reason text, raw text, sentence text
);

create table daily_by_sender (
    source text, tenant text, period_start date, period_end date,
    sender_key text, sender_address text, sender_domain text,
    tls_version text, auth_protocol text, ahead_of_clock boolean, message_count bigint
);

create table daily_by_domain (
    source text, tenant text, period_start date, period_end date, sender_domain text,
    tls_version text, auth_protocol text, ahead_of_clock boolean, message_count bigint
);

