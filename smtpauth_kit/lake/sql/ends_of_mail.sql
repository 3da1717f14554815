-- How the rows of the chosen days ended: none is counted.
select table_name, case when why is not null then 'rejected' when nth = 1 then 'not SMTP AUTH'
        else 'repeated' end as ending,
    coalesce(why, case when nth = 1 then 'known to be mail, not known to be SMTP AUTH' end, '')
        as reason,
    count(*) as row_count
from smtpauth_mail_rows
where day is null or day >= k.first_day
group by table_name, ending, reason
