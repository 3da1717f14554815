-- Question: which loaded files could have the same content as one of this many bytes?
-- Grain:    one row per file
-- Params:   $bytes; $tenant
select file_id, path, format, sentences, load_key
from source_files
-- Stores of schema 2 knew no sizes.
where coalesce(content_bytes, $bytes) = $bytes and tenant = $tenant
