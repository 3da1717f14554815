-- Question: which tables does a store have? (Not its views, nor what is there while it is open only.)
-- Grain:    one row per table
select table_name from duckdb_tables()
where schema_name = 'main' and not internal and not temporary
order by table_name
