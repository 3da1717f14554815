-- A store of schema 4 becomes one of schema 5: lines of logs whose session or message goes on in
-- another file are kept. What was loaded before is left as it is: its lines are not there any more.
alter table submission_rows add column line bigint;
comment on column submission_rows.line is 'its line in the log of a server, by which other files tell more of it; null else';
alter table smtp_sessions add column line bigint;

create table open_lines (
    file_id integer, source text, tenant text, format text, line bigint, logged_at timestamp,
    place bigint, thread text, joins text, text text
);
comment on table open_lines is 'a line of a log whose session, connection or message goes on in another file';

update store_info set schema_version = 5;
