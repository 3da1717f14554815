-- A store of schema 3 becomes one of schema 4: what was said of files and rows is kept as sentences
-- too. What was said in English stays as it was said. Its settings are left where they are: they
-- are moved into the file beside the store when they are first asked for.
alter table source_files add column sentences text;
update source_files set sentences = '[' || array_to_string(
    list_transform([why] || coalesce(warnings, []), lambda said: '{"":' || to_json(said)::text || '}'), ','
) || ']';
comment on column source_files.sentences is 'why and warnings once more, as templates with their values: for other languages than English';

alter table rejected_rows add column sentence text;
update rejected_rows set sentence = '';
comment on column rejected_rows.sentence is 'the reason as a template with its values, for other languages than English; empty where it has no values';

update store_info set schema_version = 4;
