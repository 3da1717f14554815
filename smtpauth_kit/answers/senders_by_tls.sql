-- Question: how many senders used each TLS version?
-- Grain:    one row per TLS version that occurs; a sender that used two counts for both;
--           all_senders, and of_report (of how many a report tells), are the same in each
-- Reads:    counted_by_sender
with used as (
    select distinct sender_key, tls_version, source = 'report' as is_of_report
    from counted_by_sender where message_count > 0
)
select tls_version, count(distinct sender_key) as sender_count,
    (select count(distinct sender_key) from used) as all_senders,
    (select count(distinct sender_key) from used where is_of_report) as of_report
from used
group by tls_version
order by tls_version
