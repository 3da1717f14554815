-- One row an event of the trace that tells of a message being handed in over SMTP AUTH: the rule it
-- was recognised by, what it says, and why it does not fit (why; null: it does). The earliest event
-- of a message is its first (nth = 1).
with told as (
    select *,
        case
            when length(tls_text) > k.max_word then 'unknown'
            when array_contains(k.no_tls, lower(tls_text)) then 'none'
            when array_contains(k.tls_1_0_bare, lower(tls_text)) then '1.0'
            when regexp_like(lower(tls_text), k.tls_name)
                then concat('1.', regexp_extract(lower(tls_text), k.tls_name, 1))
            else 'unknown'
        end as tls_version,
        filter(
            transform(
                split(case when listed not like '%;%' and listed not like '%"%'
                    then regexp_replace(listed, k.commas, ';') else listed end, ';'),
                one -> btrim(one, k.space)),
            one -> one <> '') as told_recipients,
        coalesce(
            sender_address_why,
            case when sender_address_shown = '' then 'the sender address is empty'
                when sender_address_domain = '' or sender_address_key like '@%' then
                    'the sender address has no name before or no domain after an @' end,
            date_why) as why
    from smtpauth_trace_told
    where rule <> ''
), keyed as (
    select k, table_name, rule, why, at, day, sender_address_shown, sender_address_key,
        sender_address_domain, tls_version, tls_cipher, client_ip, told_recipients, bare_id,
        bare_network_id, substring(subject, 1, k.max_subject) as subject,
        array_position(k.tls_versions, tls_version) as tls_place,
        case when regexp_like(recipient_count, '^[0-9]{1,8}$') then cast(recipient_count as int)
            else size(told_recipients) end as told_count,
        case
            when bare_network_id <> '' then concat('net:', bare_network_id)
            when bare_id <> '' then
                concat_ws(chr(10), concat('id:', bare_id), sender_address_key, cast(day as string))
        end as message_key
    from told
)
select *,
    -- Rows without any id are told apart by nothing but that they are rows: each counts.
    case when why is null and message_key is null then 1
        when why is null then row_number() over (
            partition by why, message_key
            order by at nulls last, day, tls_place, client_ip, concat_ws(';', told_recipients),
                sender_address_shown, bare_id
        ) end as nth
from keyed
