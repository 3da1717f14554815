-- How the rows of the chosen days ended.
select table_name, case when why is not null then 'rejected' when nth = 1 then 'counted'
        else 'repeated' end as ending,
    coalesce(why, concat('rule: ', rule)) as reason, count(*) as row_count
from smtpauth_trace_rows
where day is null or day >= k.first_day
group by table_name, ending, reason
union all
select table_name, 'not SMTP AUTH' as ending, k.no_rule as reason, count(*) as row_count
from smtpauth_trace_texts
where rule = '' and (day is null or day >= k.first_day)
group by table_name, ending, reason
union all
select table_name, 'not SMTP AUTH' as ending, '' as reason, count(*) as row_count
from smtpauth_all_trace_cells
where not (upper(source) = k.trace_source and upper(event) = k.trace_event)
    and (day is null or day >= k.first_day)
group by table_name, ending, reason
