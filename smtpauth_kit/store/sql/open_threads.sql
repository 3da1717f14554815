-- Which threads of a log (sessions, connections, messages) does a file tell of, and which others
-- hang together with them? The threads grow until no line adds one.
-- In: $file_id, open_lines, submission_rows. Out: threads.
create or replace temp table threads as
with recursive told as (
    select tenant, format, thread, joins from open_lines
), of_file as (
    select tenant, format, unnest([thread, joins]) as thread from open_lines
    where file_id = $file_id
    union
    -- A message that stands whole in this file may stand cut in another one.
    select tenant, 'mail-log',
        'queue ' || split_part(substr(session, 7), chr(10), 1) || ' '
            || split_part(session, chr(10), 2)
    from submission_rows where file_id = $file_id and session like 'queue:%'
), grown as (
    select * from of_file where thread <> ''
    union
    select t.tenant, t.format, unnest([t.thread, t.joins])
    from told t join grown g
        on t.tenant = g.tenant and t.format = g.format and g.thread in (t.thread, t.joins)
)
select distinct * from grown where thread <> '';
