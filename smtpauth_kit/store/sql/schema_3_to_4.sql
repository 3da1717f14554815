-- A store of schema 3 becomes one of schema 4: what was said of files and rows is kept as sentences
-- too; lines of logs whose session or message goes on in another file are kept from now on. What was said in English stays as it was said. Its settings are left where they are: they
-- are moved into the file beside the store when they are first asked for.
alter table source_files add column sentences text;
update source_files set sentences = '[' || array_to_string(
    list_transform([why] || coalesce(warnings, []), lambda said: '{"":' || to_json(said)::text || '}'), ','
) || ']';

alter table rejected_rows add column sentence text;
update rejected_rows set sentence = '';

alter table submission_rows add column is_settled boolean default false;
alter table submission_rows add column fields_from text default '';
update submission_rows r set is_settled = true
from (select * from submission_rows where duplicate_of = file_id) own
where r.duplicate_of is null and r.file_id = own.file_id and r.row_key = own.row_key
    and r.sender_id = own.sender_id and r.period_start = own.period_start
    and r.message_id = own.message_id and r.network_message_id = own.network_message_id;
alter table submission_rows add column tls_cipher text;
alter table submission_rows add column line bigint;
alter table smtp_sessions add column line bigint;

create table open_lines (
    file_id integer, source text, tenant text, format text, line bigint, logged_at timestamp,
    place bigint, thread text, joins text, text text
);

update store_info set schema_version = 4;
