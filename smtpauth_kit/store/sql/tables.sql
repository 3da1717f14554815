-- Question: which tables, views and columns does a store have, and what do they mean?
-- Grain:    one row per table or view (column_name is empty) and per column, views of facts first
with described as (
    select view_name as table_name, 0 as kind, 0 as place, '' as column_name, '' as type,
        coalesce(comment, '') as meaning
    from duckdb_views() where schema_name = 'main' and not internal and not temporary
    union all
    select table_name, 1, 0, '', '', coalesce(comment, '')
    from duckdb_tables() where schema_name = 'main' and not internal and not temporary
    union all
    select c.table_name, (select count(*) from duckdb_tables() t where t.table_name = c.table_name),
        c.column_index, c.column_name, c.data_type, coalesce(c.comment, '')
    from duckdb_columns() c
    where c.schema_name = 'main' and not c.internal and c.database_name = current_database()
)
select table_name, column_name, type, meaning from described
order by kind, table_name, place
