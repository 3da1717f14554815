-- Question: what do the messages that count tell at all?
-- Grain:    one row; a column for each need of a rule
select count(*) > 0 as messages, count(first_sent_at) > 0 as message_times,
    count(recipient_count) > 0 as recipients,
    count(case when client_ip <> '' then 1 end) > 0 as client_ips,
    count(case when weak_tls_count + strong_tls_count > 0 then 1 end) > 0 as tls,
    count(case when basic_count + oauth_count > 0 then 1 end) > 0 as auth,
    count(case when has_account then 1 end) > 0 as accounts
from sent_spans
