-- The rows of a plain submission log with what their cells mean. `is_plain`: it is certain that
-- `values` and `formats.submission_log` read the row the same.
-- In: log (the cells as they stand), bulk_senders, bulk_accounts, bulk_tls, bulk_auth,
--     bulk_ips (every text of a column, with what `values` makes of it; no line: unfit),
--     ahead_from (the first day ahead of the clock: such rows are warned of, with their lines).
with cells as (/* log */), read as (
    select cells.*, s.address_id as sender_id, a.address_id as account_id,
        t.tls_version, p.auth_protocol, i.client_ip,
        try_cast(date_text as timestamp) as sent_at,
        case when contains(recipients_text, ';') then replace(recipients_text, '; ', ';')
            else recipients_text end as recipients,
        case when prefix(id_text, '<') then substring(id_text, 2, strlen(id_text) - 2)
            else id_text end as message_id
    from cells
    left join bulk_senders s on s.text = sender_text
    left join bulk_accounts a on a.text = account_text
    left join bulk_tls t on t.text = tls_text
    left join bulk_auth p on p.text = auth_text
    left join bulk_ips i on i.text = ip_text
)
select *,
    case when contains(recipients, ';') then len(string_split(recipients, ';'))
        else (recipients <> '')::integer end as recipient_count,
    coalesce(
        sender_id is not null and account_id is not null and tls_version is not null
        and auth_protocol is not null and client_ip is not null
        and sent_at < date /* ahead_from */
        and regexp_full_match(
            date_text,
            '20[0-9][0-9]-[0-9][0-9]-[0-9][0-9][T ](?:[01][0-9]|2[0-3]):[0-9][0-9]:[0-9][0-9](?:[.][0-9]{1,9})?Z?'
        )
        and regexp_full_match(recipients_text, '(?:[!-:<-~]+(?:; ?[!-:<-~]+)*)?')
        and case when prefix(id_text, '<')
            then suffix(id_text, '>') and message_id <> ''
                and not prefix(message_id, '<') and not suffix(message_id, '>')
            else regexp_full_match(id_text, '[!-;=?-~](?:[ -~]*[!-;=?-~])?') end,
        false
    ) as is_plain
from read
