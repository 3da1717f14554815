-- Question: from where and by which accounts did these senders send, and to whom?
-- Grain:    one row per tenant and sender
-- Reads:    sent_places, mailbox_switches, sent_to, sent_peaks
with accounts as (
    -- Who signs in: the accounts that the messages name, else the sender.
    select tenant, sender_key, account_key
    from sent_places
    where account_key <> ''
    group by tenant, sender_key, account_key
), unnamed as (
    select tenant, sender_key, sender_key as account_key
    from sent_places
    group by tenant, sender_key
    having max(account_key) = ''
), signing as (
    select tenant, sender_key, account_key from accounts
    union all
    select tenant, sender_key, account_key from unnamed
), permitted as (
    select g.tenant, g.sender_key,
        min(case coalesce(m.allowed, 'unknown') when 'blocked' then 1 when 'inherits_blocked' then 2
            when 'unknown' then 3 when 'inherits_allowed' then 4 else 5 end) as allowed_place,
        max(m.display_name) as display_name
    from signing g
    left join mailbox_switches m on m.tenant = g.tenant and m.address_key = g.account_key
    group by g.tenant, g.sender_key
), own_domains as (
    -- The tenant's own: of its mailboxes, of the account that signs in, else of the sender.
    select tenant, '' as sender_key, split_part(address_key, '@', 2) as domain
    from mailbox_settings
    where address_key <> ''
    union
    select tenant, sender_key, split_part(account_key, '@', 2) as domain
    from signing
    where account_key like '%@%'
), told as (
    select tenant, sender_key, min(are_all_told) as are_all_told
    from sent_to
    group by tenant, sender_key
), strange as (
    select a.tenant, a.sender_key, count(distinct a.domain) as domain_count,
        count(distinct case when o.domain is null and s.domain is null then a.domain end)
            as outside_count,
        min(case when o.domain is null and s.domain is null then a.domain end) as outside_domain
    from sent_to a
    left join own_domains o on o.tenant = a.tenant and o.sender_key = '' and o.domain = a.domain
    left join own_domains s on s.tenant = a.tenant and s.sender_key = a.sender_key
        and s.domain = a.domain
    where a.domain is not null
    group by a.tenant, a.sender_key
), seen as (
    select tenant, sender_key, count(distinct case when client_ip <> '' then client_ip end)
            as client_ip_count
    from sent_places
    group by tenant, sender_key
)
select e.tenant, e.sender_key, e.client_ip_count, p.allowed_place, coalesce(p.display_name, '')
        as display_name,
    coalesce(t.are_all_told, 0) as are_all_told, coalesce(x.domain_count, 0) as domain_count,
    coalesce(x.outside_count, 0) as outside_count, coalesce(x.outside_domain, '')
        as outside_domain,
    cast(d.peak_recipients as bigint) as peak_recipients
from seen e
join permitted p on p.tenant = e.tenant and p.sender_key = e.sender_key
left join told t on t.tenant = e.tenant and t.sender_key = e.sender_key
left join strange x on x.tenant = e.tenant and x.sender_key = e.sender_key
left join sent_peaks d on d.tenant = e.tenant and d.sender_key = e.sender_key
order by e.sender_key, e.tenant
