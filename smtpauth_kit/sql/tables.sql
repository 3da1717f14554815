-- Question: which tables and columns does a store have, and what do they mean?
-- Grain:    one row per table (column_name is empty) and per column, in the order of the schema
with described as (
    select table_name, 0 as place, '' as column_name, '' as type, coalesce(comment, '') as meaning
    from duckdb_tables() where schema_name = 'main' and not internal and not temporary
    union all
    select c.table_name, c.column_index, c.column_name, c.data_type, coalesce(c.comment, '')
    from duckdb_columns() c
    where c.schema_name = 'main' and not c.internal and c.database_name = current_database()
)
select table_name, column_name, type, meaning from described order by table_name, place
