-- The rows of a plain submission log with what their cells mean. `is_plain`: it is certain that
-- `values` and `formats.submission_log` read the row the same.
-- In: log (the cells as they stand); bulk_keys; bulk_senders, bulk_accounts, bulk_tls, bulk_auth, bulk_ips
--     (every text of a column that is fit, as an enum type, and what each means, as a table);
--     ahead_from (the first day ahead of the clock: such rows are warned of, with their lines);
--     bare (true: no cell is anything but visible ASCII signs, with single spaces between them).
-- A text is looked up by its place in the enum: five joins took as long as all the rest.
with learned as (
    select
        (select list(meaning order by place) from bulk_senders) as senders,
        (
            select list(k.key_id order by place)
            from bulk_senders left join bulk_keys k on k.address_id = meaning
        ) as sender_keys,
        (select list(meaning order by place) from bulk_accounts) as accounts,
        (select list(meaning order by place) from bulk_tls) as tls_versions,
        (select list(meaning order by place) from bulk_auth) as auth_protocols,
        (select list(meaning order by place) from bulk_ips) as client_ips
), cells as (/* log */), read as (
    select cells.*,
        senders[enum_code(try_cast(sender_text as bulk_senders))::integer + 1] as sender_id,
        sender_keys[enum_code(try_cast(sender_text as bulk_senders))::integer + 1] as key_id,
        accounts[enum_code(try_cast(account_text as bulk_accounts))::integer + 1] as account_id,
        tls_versions[enum_code(try_cast(tls_text as bulk_tls))::integer + 1] as tls_version,
        auth_protocols[enum_code(try_cast(auth_text as bulk_auth))::integer + 1] as auth_protocol,
        client_ips[enum_code(try_cast(ip_text as bulk_ips))::integer + 1] as client_ip,
        try_cast(date_text as timestamp) as sent_at,
        case when contains(recipients_text, ';') then replace(recipients_text, '; ', ';')
            else recipients_text end as recipients,
        case when prefix(id_text, '<') then substring(id_text, 2, strlen(id_text) - 2)
            else id_text end as message_id
    from cells cross join learned
)
select *,
    case when contains(recipients, ';') then len(string_split(recipients, ';'))
        else (recipients <> '')::integer end as recipient_count,
    hash(message_id, key_id, sent_at::date) as short_key,
    coalesce(
        sender_id is not null and account_id is not null and tls_version is not null
        and auth_protocol is not null and client_ip is not null
        and sent_at < date /* ahead_from */
        and regexp_full_match(
            date_text,
            '20[0-9][0-9]-[0-9][0-9]-[0-9][0-9][T ](?:[01][0-9]|2[0-3]):[0-9][0-9]:[0-9][0-9](?:[.][0-9]{1,9})?Z?'
        )
        and case when /* bare */ and not contains(recipients_text, ';') then true
            else regexp_full_match(recipients_text, '(?:[!-:<-~]+(?:; ?[!-:<-~]+)*)?') end
        and case when prefix(id_text, '<')
            then suffix(id_text, '>') and message_id <> ''
                and not prefix(message_id, '<') and not suffix(message_id, '>')
            else regexp_full_match(id_text, '[!-;=?-~](?:[ -~]*[!-;=?-~])?') end,
        false
    ) as is_plain
from read
