-- What older kits said of files and rows in English is kept as sentences too, as it was said.
-- In: source_files, rejected_rows. Out: their columns of sentences, where they are empty.
update source_files set sentences = '[' || array_to_string(
    list_transform([why] || coalesce(warnings, []), lambda said: '{"":' || to_json(said)::text || '}'), ','
) || ']'
where sentences is null;
update rejected_rows set sentence = '' where sentence is null;
