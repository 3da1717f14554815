-- Question: how many senders used each TLS version?
-- Grain:    one row per TLS version that occurs; a sender that used two counts for both;
--           all_senders is the same in each
-- Reads:    counted_by_sender
with used as (
    select distinct sender_key, tls_version from counted_by_sender where message_count > 0
)
select tls_version, count(*) as sender_count,
    (select count(distinct sender_key) from used) as all_senders
from used
group by tls_version
