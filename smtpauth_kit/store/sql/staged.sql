-- Where the rows of one file wait before they are appended: the facts with their line, the rejects,
-- and what appending finds out: how rows ended, the days they speak of, the periods that changed.
create or replace temp table staged_submissions (
    line bigint, file_id integer, source text, tenant text,
    sent_at timestamp, period_start date, period_end date,
    sender_address text, sender_derived boolean, account text,
    tls_version text, auth_protocol text, client_ip text,
    recipients text, recipient_count integer, message_id text, network_message_id text,
    message_count bigint, tls_derived boolean, ahead_of_clock boolean, session text, row_key text,
    tls_cipher text, message_subject text
);
create or replace temp table staged_smtp_sessions as
from smtp_sessions limit 0;
create or replace temp table staged_open_lines as
from open_lines limit 0;
create or replace temp table staged_sign_ins as
select * exclude (duplicate_of) from sign_in_rows limit 0;
create or replace temp table staged_mail_context as
select * exclude (duplicate_of) from mail_context_rows limit 0;
create or replace temp table staged_mailbox_settings as
select * exclude (duplicate_of) from mailbox_setting_rows limit 0;
create or replace temp table staged_connector_volume as
select * exclude (duplicate_of) from connector_volume_rows limit 0;
create or replace temp table staged_rejects (line bigint, reason text, raw text, sentence text);

create or replace temp table row_ends (ending text, row_count bigint, message_count hugeint);
create or replace temp table spans (period_start date, period_end date);
create or replace temp table changed (
    source text, tenant text, period_start date, period_end date
);
create or replace temp table unsettled (source text, tenant text, key text);
create or replace temp table contradicted (message_count bigint);
create or replace temp table ends_before (
    file_id integer, ending text, row_count bigint, message_count hugeint
);
