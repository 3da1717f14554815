-- One row a recipient of a message: what the mail events say, and why a row does not fit (why; null:
-- it does). A recipient of a message that is told twice is one (nth = 1).
with told as (
    select *, btrim(message_id, '<>') as bare_id,
        lower(replace(network_message_id, '-', '')) as bare_network_id,
        coalesce(
            case when recipient = '' then 'the recipient address is empty' end, date_why,
            sender_address_why, recipient_why) as why
    from smtpauth_mail_cells
), keyed as (
    select k, table_name, why, at, day, sender_address_shown, sender_address_key,
        sender_address_domain, recipient_shown, recipient_key, status, client_ip, connector,
        bare_id, bare_network_id, substring(subject, 1, k.max_subject) as subject,
        case when bare_network_id <> '' then concat_ws(chr(10), bare_network_id, recipient_key)
            else concat_ws(chr(10), 'id:', bare_id, sender_address_key, recipient_key,
                cast(day as string), case when bare_id = '' then cast(at as string) end)
        end as row_key
    from told
)
select *, case when why is null then row_number() over (
        partition by why, row_key order by at nulls last, status, client_ip, connector
    ) end as nth
from keyed
