-- One row an attempt to authenticate: the kit's table sign_ins.
select k.sign_in_source as source, k.tenant, at as signed_in_at, account_shown as account,
    account_key, result, said_code as error_code, auth_protocol, client_ip,
    said_country as country, said_city as city, network, user_agent,
    day >= k.ahead_from as ahead_of_clock, sign_in_id, table_name
from smtpauth_sign_in_rows
where nth = 1 and day between k.first_day and k.last_day
