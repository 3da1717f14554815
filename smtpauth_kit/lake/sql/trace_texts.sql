-- One row an event by which a message came in, with the rule that knows it as SMTP AUTH; empty: none.
with received as (
    select *, regexp_extract(connector, k.connector, 1) as client_connector,
        btrim(regexp_extract(custom_data, k.proxied_ip, 1), k.space) as proxied_ip,
        btrim(regexp_extract(custom_data, k.tls_named, 1), k.space) as tls_text,
        substring(btrim(regexp_extract(custom_data, k.cipher_named, 1), k.space), 1, k.max_cipher)
            as tls_cipher,
        case when recipients like '{%' and recipients like '%}'
            then regexp_replace(substring(recipients, 2, length(recipients) - 2), k.cut_short, '')
            when recipients = 'System.String[]' then '' else recipients end as listed,
        btrim(message_id, '<>') as bare_id,
        lower(replace(network_message_id, '-', '')) as bare_network_id
    from smtpauth_trace_cells
)
select *, coalesce(nullif(proxied_ip, ''), original_client_ip) as client_ip,
    case
        when client_connector <> '' then concat(k.by_connector, ' ',
            upper(substring(client_connector, 1, 1)), lower(substring(client_connector, 2)))
        when proxied_ip <> '' and array_contains(k.originating, lower(directionality))
            then k.by_proxy
        else ''
    end as rule
from received
