-- Question: what was said of each file when it was loaded, as templates with their values?
-- Grain:    one row per file
select file_id, sentences from source_files
