-- Takes out what stands of a file beside its facts; then nothing of it is left in the store.
-- In: $file_id
delete from smtp_sessions where file_id = $file_id;
delete from open_lines where file_id = $file_id;
delete from rejected_rows where file_id = $file_id;
delete from source_files where file_id = $file_id;
