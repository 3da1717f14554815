-- Question: of which periods is every day loaded from the source of sign-ins?
-- Grain:    one row per tenant and period
-- Params:   $sign_in_source, $sign_in_sources
-- Reads:    period_days
-- A server's log that tells of no success at all tells of failures only.
select p.tenant, p.period_start, p.period_end
from period_days as p
left join (
    select distinct d.tenant, d.period_start, d.period_end, d.day
    from period_days as d
    join source_files as f
        on f.tenant = d.tenant and d.day >= f.period_start and d.day <= f.period_end
    join (
        select f.tenant, f.source, f.format, max(case when s.result = 'success' then 1 else 0 end)
            as tells_success
        from (select distinct file_id, result from sign_ins) as s
        join source_files as f on f.file_id = s.file_id
        group by f.tenant, f.source, f.format
    ) as telling
        on telling.tenant = f.tenant and telling.source = f.source and telling.format = f.format
    where (f.source = $sign_in_source
            or array_contains($sign_in_sources, concat(f.tenant, '|', f.source)))
        and (f.source <> 'server_log' or telling.tells_success = 1)
) as c
    on c.tenant = p.tenant and c.period_start = p.period_start and c.period_end = p.period_end
    and c.day = p.day
group by p.tenant, p.period_start, p.period_end
having count(*) = count(c.day)
