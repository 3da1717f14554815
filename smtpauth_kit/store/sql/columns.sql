-- Question: which columns have the tables of a store?
-- Grain:    one row per column: table, column, type as SQL has it, default (null: none)
select c.table_name, c.column_name, c.data_type, c.column_default
from duckdb_columns() c
join duckdb_tables() t on t.table_name = c.table_name and t.schema_name = c.schema_name
where c.schema_name = 'main' and not c.internal and not t.temporary
order by c.table_name, c.column_index
