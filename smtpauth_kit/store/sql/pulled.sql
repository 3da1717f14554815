-- What was pulled becomes rows of a store. In: pulled_counts, pulled_rows, pulled_sign_ins,
-- pulled_settings. Out: addresses, submission_rows, sign_in_rows, mailbox_setting_rows.
create temp table pulled_messages as
select * from pulled_rows union all by name select * from pulled_counts;

insert into addresses
select row_number() over () as address_id, address, address_key, domain
from (
    select distinct sender_address as address, sender_key as address_key, sender_domain as domain
    from pulled_messages
    union
    select distinct account, account_key,
        case when contains(account_key, '@') then split_part(account_key, '@', -1) else '' end
    from pulled_messages
) as met
where not (address = '' and address_key = '' and domain = '');

insert into submission_rows by name
select p.file_id, p.source, p.tenant, p.sent_at, p.period_start, p.period_end,
    coalesce(s.address_id, 0) as sender_id, p.sender_derived,
    coalesce(a.address_id, 0) as account_id, p.tls_version::tls_version as tls_version,
    p.auth_protocol::auth_protocol as auth_protocol, p.client_ip,
    coalesce(array_to_string(p.recipients, ';'), '') as recipients, p.recipient_count,
    coalesce(p.message_id, '') as message_id, coalesce(p.network_message_id, '') as network_message_id,
    p.message_count, p.tls_derived, p.ahead_of_clock, false as adds_recipients, '' as session,
    '' as row_key, true as is_settled, coalesce(p.fields_from, '') as fields_from, p.tls_cipher,
    p.message_subject
from pulled_messages p
left join addresses s on s.address = p.sender_address and s.address_key = p.sender_key
    and s.domain = p.sender_domain
left join (select address, address_key, min(address_id) as address_id from addresses group by all) a
    on a.address = p.account and a.address_key = p.account_key;

insert into sign_in_rows by name
select * exclude (sign_in_id), 0 as line,
    case when sign_in_id = '' then '' else 'id:' || sign_in_id end as row_key
from pulled_sign_ins;

insert into mailbox_setting_rows by name
select *, 0 as line, '' as row_key from pulled_settings;
