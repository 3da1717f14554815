-- Question: which senders stand on one page of the details table, and what do all of them come to?
-- Grain:    a row of totals (sender_key is null, row_count says of how many), then one per sender
-- Params:   $offset, $limit
-- Reads:    found_senders, placed_senders
with totals as (
    select count(*) as row_count, 0 as place,
        cast(sum(message_count) as bigint) as message_count,
        cast(sum(tls_none_count) as bigint) as tls_none_count,
        cast(sum(tls_1_0_count) as bigint) as tls_1_0_count,
        cast(sum(tls_1_1_count) as bigint) as tls_1_1_count,
        cast(sum(tls_1_2_count) as bigint) as tls_1_2_count,
        cast(sum(tls_1_3_count) as bigint) as tls_1_3_count,
        cast(sum(tls_unknown_count) as bigint) as tls_unknown_count,
        cast(sum(report_count) as bigint) as report_count,
        cast(sum(basic_count) as bigint) as basic_count,
        cast(sum(oauth_count) as bigint) as oauth_count,
        cast(sum(unknown_auth_count) as bigint) as unknown_auth_count,
        min(first_seen) as first_seen, max(last_seen) as last_seen,
        cast(null as string) as sender_key, cast(null as string) as sender_address,
        cast(null as string) as sender_domain
    from found_senders
), page as (
    select cast(null as bigint) as row_count, place,
        message_count, tls_none_count, tls_1_0_count, tls_1_1_count, tls_1_2_count,
        tls_1_3_count, tls_unknown_count, report_count, basic_count, oauth_count,
        unknown_auth_count,
        first_seen, last_seen,
        sender_key, sender_address, sender_domain
    from placed_senders
    where place > $offset and place <= $offset + $limit
)
select * from totals
union all
select * from page
order by place
