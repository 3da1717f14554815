-- Question: at which client addresses may those be who are asked about?
-- Grain:    one row per client address; of an account every one that it ever used, or failed at
-- Params:   $client_ips, $networks, $countries, $accounts, $any_client_ip, $any_network,
-- Params:   $any_country, $any_account
-- Reads:    networks, address_countries, sent_spans, attempt_spans
select n.client_ip
from networks as n
left join address_countries as c on c.client_ip = n.client_ip
left join (
    select client_ip from sent_spans where array_contains($accounts, account_key)
    union
    select client_ip from attempt_spans where array_contains($accounts, account_key)
) as own on own.client_ip = n.client_ip
where ($any_client_ip or array_contains($client_ips, n.client_ip))
    and ($any_network or array_contains($networks, n.network))
    and ($any_country or array_contains($countries, upper(coalesce(c.country, ''))))
    and ($any_account or own.client_ip is not null)
