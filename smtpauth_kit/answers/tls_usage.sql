-- Question: how many messages of the whole period went over each TLS version?
-- Grain:    one row per TLS version that occurs; report_count is how many of them a report counts
-- Reads:    counted
select tls_version, cast(sum(message_count) as bigint) as message_count,
    cast(sum(case when source = 'report' then message_count else 0 end) as bigint) as report_count
from counted
group by tls_version
having sum(message_count) > 0
order by tls_version
