-- Question: in which network is each client address that anything came from?
-- Grain:    one row per client_ip; its network is the ASN that sign-ins name for it most often,
--           else its /16 (IPv4) or /48 (IPv6)
with named as (
    select client_ip, network, count(*) as n
    from counting_sign_ins
    where client_ip <> '' and network <> ''
    group by client_ip, network
), ranked as (
    select client_ip, network,
        row_number() over (partition by client_ip order by n desc, network) as place
    from named
), addresses_seen as (
    select distinct client_ip from counting_rows where client_ip <> ''
    union
    select distinct client_ip from counting_sign_ins where client_ip <> ''
), parts as (
    select client_ip, split_part(client_ip, '::', 1) as head, position(':' in client_ip) as colon
    from addresses_seen
)
select p.client_ip,
    case
        when r.network is not null then case when starts_with(r.network, 'AS') then r.network
            else concat('AS', r.network) end
        when p.colon = 0 then concat(split_part(p.client_ip, '.', 1), '.',
            split_part(p.client_ip, '.', 2), '.0.0/16')
        else concat(
            case when split_part(p.head, ':', 1) = '' then '0' else split_part(p.head, ':', 1) end,
            ':',
            case when split_part(p.head, ':', 2) = '' then '0' else split_part(p.head, ':', 2) end,
            ':',
            case when split_part(p.head, ':', 3) = '' then '0' else split_part(p.head, ':', 3) end,
            '::/48')
    end as network
from parts p
left join (select client_ip, network from ranked where place = 1) r on r.client_ip = p.client_ip
