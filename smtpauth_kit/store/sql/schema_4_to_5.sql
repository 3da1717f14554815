-- A store of schema 4 becomes one of schema 5: it keeps the subjects of messages. What was loaded
-- before tells none; unload and load an export again to have its subjects. When a file was written
-- is kept from now on, too.
alter table submission_rows add column message_subject text;
alter table mail_context_rows add column message_subject text;
alter table source_files add column written_at timestamp;

update store_info set schema_version = 5;
