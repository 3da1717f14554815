-- Question: what do the sources count of each sender in each period that two or more speak in?
-- Grain:    one row per tenant, period and sender; a count is null where that source is silent
-- Reads:    ranked
select tenant, period_start, period_end, sender_key, sender_domain,
    max(sender_address) as sender_address,
    max(case when from_largest = 1 then source end) as larger,
    max(case when from_smallest = 1 then source end) as smaller,
    max(message_count) as largest, min(message_count) as smallest,
    max(case when source = 'requested_report' then message_count end) as requested_report,
    max(case when source = 'server_log' then message_count end) as server_log,
    max(case when source = 'extended_trace' then message_count end) as extended_trace,
    max(case when source = 'report' then message_count end) as report,
    max(case when source = 'submission_log' then message_count end) as submission_log
from ranked
group by tenant, period_start, period_end, sender_key, sender_domain
having count(*) > 1 and max(message_count) > 0
