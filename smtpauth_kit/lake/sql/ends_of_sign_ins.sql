-- How the rows of the chosen days ended.
select table_name, case when why is not null then 'rejected' when nth = 1 then 'counted'
        else 'repeated' end as ending, coalesce(why, '') as reason, count(*) as row_count
from smtpauth_sign_in_rows
where day is null or day >= k.first_day
group by table_name, ending, reason
union all
select table_name, 'not SMTP AUTH' as ending,
    case when regexp_replace(lower(client_app), k.spaces, '') = k.other_clients
            and exists(k.bridge_agents, one -> startswith(lower(user_agent), one))
        then k.possible else '' end as reason, count(*) as row_count
from smtpauth_all_sign_in_cells
where not contains(lower(client_app), k.smtp) and (day is null or day >= k.first_day)
group by table_name, ending, reason
