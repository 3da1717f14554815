-- Question: in which country is each client address?
-- Grain:    one row per client_ip of which a source tells it: the country that sign-ins name for it
--           most often, else that of the user's own table of addresses
-- Reads:    known_addresses
with named as (
    select client_ip, upper(trim(country)) as country, sum(attempt_count) as n
    from attempt_spans
    where client_ip <> '' and trim(country) <> ''
    group by client_ip, upper(trim(country))
), ranked as (
    select client_ip, country,
        row_number() over (partition by client_ip order by n desc, country) as place
    from named
)
select coalesce(r.client_ip, k.client_ip) as client_ip, coalesce(r.country, k.country) as country
from (select client_ip, country from ranked where place = 1) r
full join (select client_ip, country from known_addresses where country <> '') k
    on k.client_ip = r.client_ip
