-- Question: what do the sources that count tell at all?
-- Grain:    one row; a column for each need of a rule
with rows_told as (
    select count(*) as messages, count(first_sent_at) as times,
        count(recipient_count) as recipients, count(case when client_ip <> '' then 1 end) as ips,
        count(case when weak_tls_count + strong_tls_count > 0 then 1 end) as tls,
        count(case when basic_count + oauth_count > 0 then 1 end) as auth,
        count(case when has_account then 1 end) as accounts
    from sent_days
), attempts_told as (
    select count(*) as sign_ins, count(case when result = 'failure' then 1 end) as failures,
        count(case when client_ip <> '' then 1 end) as ips,
        count(case when user_agent <> '' then 1 end) as user_agents
    from seen_sign_ins
), days_told as (
    select coalesce(max(last_day - first_day), -1) + 1 as days,
        coalesce(max(last_sign_in_day - first_sign_in_day), -1) + 1 as sign_in_days
    from tenants
), settings_told as (
    select count(*) as settings from mailbox_settings where address_key <> ''
), addresses_told as (
    select count(*) as addresses from recipient_domains
), places_told as (
    select count(first_at) as uses,
        coalesce(max(case when first_at is not null then day_number end)
            - min(case when first_at is not null then day_number end), -1) + 1 as days
    from account_places
), countries_told as (
    select count(*) as countries from address_countries
)
select m.messages > 0 as messages, m.times > 0 as message_times, m.recipients > 0 as recipients,
    r.addresses > 0 as recipient_addresses, m.ips > 0 as client_ips, m.tls > 0 as tls,
    m.auth > 0 as auth, m.accounts > 0 as accounts, a.sign_ins > 0 as sign_ins,
    a.failures > 0 as failures, a.ips > 0 as sign_in_client_ips, c.countries > 0 as countries,
    a.user_agents > 0 as user_agents, s.settings > 0 as mailbox_settings,
    d.days > 14 as days_of_messages, d.sign_in_days > 14 as days_of_sign_ins,
    p.uses > 0 as used_addresses, p.days > 14 as days_of_use
from rows_told m, attempts_told a, days_told d, settings_told s, addresses_told r,
    places_told p, countries_told c
