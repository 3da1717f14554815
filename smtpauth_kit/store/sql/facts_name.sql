-- Question: which files is everything that is known from, in the order of loading?
-- Grain:    one row per file
select file_id, load_key from source_files order by file_id
