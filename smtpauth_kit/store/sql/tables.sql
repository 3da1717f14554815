-- Question: which tables, views and columns does a query meet, and what do they mean?
-- Grain:    one row per table or view (column_name is empty) and per column, facts first
-- Params:   $counts, $why_not: what these columns mean
-- The tables of `ad_hoc.views` are temporary and take the place of those of the same name. The
-- meaning of `all_submissions` is that of the view of this name in the store; its columns mean what
-- those of `submissions` do.
with met as (
    select view_name as table_name, 0 as kind, comment from duckdb_views()
    where schema_name = 'main' and database_name = current_database() and not internal
    union all
    select table_name, 1, comment from duckdb_tables()
    where schema_name = 'main' and database_name = current_database() and not internal
), columns_met as (
    select table_name, column_index as place, column_name, data_type as type, comment,
        database_name = current_database() as is_stored
    from duckdb_columns()
    where schema_name = 'main' and not internal
        and (database_name = current_database() or database_name = 'temp')
), described as (
    select table_name, kind, 0 as place, '' as column_name, '' as type,
        coalesce(comment, '') as meaning
    from met
    union all
    select c.table_name, met.kind, c.place, c.column_name, c.type, coalesce(c.comment, '')
    from columns_met c
    join met using (table_name)
    where c.is_stored and not starts_with(c.table_name, 'all_')
    union all
    select c.table_name, met.kind, c.place, c.column_name, c.type, case c.column_name
        when 'counts' then $counts
        when 'why_not' then $why_not
        else coalesce(own.comment, '') end
    from columns_met c
    join met using (table_name)
    left join columns_met own on own.is_stored and own.column_name = c.column_name
        and own.table_name = substr(c.table_name, 5)
    where not c.is_stored and starts_with(c.table_name, 'all_')
)
select table_name, column_name, type, meaning from described
order by kind, starts_with(table_name, 'all_'), table_name, place
