-- Question: which sources ever say that a message went without TLS, from which address it came, or
--           to whom it went?
-- Grain:    one row per source and tenant
select source, tenant,
    bool_or(tls_version = 'none') as says_none,
    bool_or(client_ip <> '') as says_client_ip,
    bool_or(recipient_count > 0) as says_recipients
from submissions
group by source, tenant
