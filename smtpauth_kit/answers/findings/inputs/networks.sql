-- Question: in which network is each client address that anything came from?
-- Grain:    one row per client_ip; its network is the ASN that sign-ins name for it most often,
--           else that of the user's own files, else the one ASN of all other addresses of its /16
--           (IPv4) or /48 (IPv6), else that /16 or /48
with named as (
    select client_ip, network, sum(attempt_count) as n
    from attempt_spans
    where client_ip <> '' and network <> ''
    group by client_ip, network
), ranked as (
    select client_ip,
        case when starts_with(network, 'AS') then network else concat('AS', network) end as network,
        row_number() over (partition by client_ip order by n desc, network) as place
    from named
), addresses_seen as (
    select distinct client_ip from place_spans where client_ip <> ''
    union
    select distinct client_ip from attempt_spans where client_ip <> ''
), parts as (
    select client_ip, split_part(client_ip, '::', 1) as head, position(':' in client_ip) as colon
    from addresses_seen
), told as (
    select p.client_ip, coalesce(r.network, k.network) as network,
        case when p.colon = 0 then concat(split_part(p.client_ip, '.', 1), '.',
                split_part(p.client_ip, '.', 2), '.0.0/16')
            else concat(
                split_part(p.head, ':', 1),
                case when split_part(p.head, ':', 2) in ('', '0')
                        and split_part(p.head, ':', 3) in ('', '0') then ''
                    when split_part(p.head, ':', 2) = '' then ':0'
                    else concat(':', split_part(p.head, ':', 2)) end,
                case when split_part(p.head, ':', 3) in ('', '0') then ''
                    else concat(':', split_part(p.head, ':', 3)) end, '::/48')
        end as prefix
    from parts p
    left join (select client_ip, network from ranked where place = 1) r
        on r.client_ip = p.client_ip
    left join (select client_ip, network from known_addresses where network <> '') k
        on k.client_ip = p.client_ip
), lent as (
    select prefix, min(network) as network
    from told
    where network is not null
    group by prefix
    having count(distinct network) = 1
)
select t.client_ip, coalesce(t.network, l.network, t.prefix) as network
from told t
left join lent l on l.prefix = t.prefix
