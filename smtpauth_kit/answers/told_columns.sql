-- Question: which sources ever name the client address or recipients of a message, or say no TLS?
-- Grain:    one row per source and tenant
select source, tenant,
    bool_or(tls_version = 'none') as says_none,
    bool_or(client_ip <> '') as says_client_ip,
    bool_or(recipient_count > 0) as says_recipients
from submissions
group by source, tenant
