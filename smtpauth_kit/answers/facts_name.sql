-- Question: which files is everything that is known from, in the order of loading?
-- Grain:    one row; its text is another after each load and unload
select string_agg(concat(file_id, ' ', load_key), chr(10) order by file_id) as files
from source_files
