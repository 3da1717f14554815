-- Question: what do the exports behind a source not say?
-- Grain:    one row per format that is loaded for it
-- Params:   $source
select distinct format, cannot_tell from source_files where source = $source order by format
