-- Question: which clients of these messages did the source ever see that counts fewest?
-- Grain:    one row per tenant, source and client IP
-- Reads:    lacking
select distinct m.tenant, m.source, m.client_ip
from submissions as m
join (
    select distinct tenant, smaller, client_ip
    from lacking
    where is_covered and not is_elsewhere and client_ip <> ''
) as wanted
    on wanted.tenant = m.tenant and wanted.smaller = m.source and wanted.client_ip = m.client_ip
where m.superseded_by is null
