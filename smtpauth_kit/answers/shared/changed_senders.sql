-- Question: which senders of the range sent otherwise in as many days before?
-- Grain:    one row per sender that sent in both, in any order; change is empty where nothing did
-- Reads:    sender_figures, sender_figures_before
select n.sender_address, n.sender_domain, n.first_seen, n.last_seen,
    b.message_count as message_count_before, n.message_count,
    case when b.unknown_auth_count < b.message_count then b.basic_count end as basic_count_before,
    case when n.unknown_auth_count < n.message_count then n.basic_count end as basic_count,
    case when b.unknown_auth_count < b.message_count then b.oauth_count end as oauth_count_before,
    case when n.unknown_auth_count < n.message_count then n.oauth_count end as oauth_count,
    case when b.tls_unknown_count < b.message_count then b.tls_1_0_count + b.tls_1_1_count end
        as legacy_tls_count_before,
    case when n.tls_unknown_count < n.message_count then n.tls_1_0_count + n.tls_1_1_count end
        as legacy_tls_count,
    case when b.tls_none_count > 0 or b.tls_unknown_count = 0 then b.tls_none_count end
        as none_tls_count_before,
    case when n.tls_none_count > 0 or n.tls_unknown_count = 0 then n.tls_none_count end
        as none_tls_count,
    concat_ws(', ',
        case
            when b.tls_unknown_count = b.message_count or n.tls_unknown_count = n.message_count
                then null
            when (b.tls_none_count + b.tls_1_0_count + b.tls_1_1_count > 0)
                <> (n.tls_none_count + n.tls_1_0_count + n.tls_1_1_count > 0)
                or greatest(n.tls_none_count / (n.message_count - n.tls_unknown_count)
                    - b.tls_none_count / (b.message_count - b.tls_unknown_count), 0)
                + greatest(n.tls_1_0_count / (n.message_count - n.tls_unknown_count)
                    - b.tls_1_0_count / (b.message_count - b.tls_unknown_count), 0)
                + greatest(n.tls_1_1_count / (n.message_count - n.tls_unknown_count)
                    - b.tls_1_1_count / (b.message_count - b.tls_unknown_count), 0)
                + greatest(n.tls_1_2_count / (n.message_count - n.tls_unknown_count)
                    - b.tls_1_2_count / (b.message_count - b.tls_unknown_count), 0)
                + greatest(n.tls_1_3_count / (n.message_count - n.tls_unknown_count)
                    - b.tls_1_3_count / (b.message_count - b.tls_unknown_count), 0) >= 0.2
                then 'tls' end,
        case
            when b.unknown_auth_count = b.message_count or n.unknown_auth_count = n.message_count
                then null
            when (b.basic_count > 0) <> (n.basic_count > 0)
                or (b.oauth_count > 0) <> (n.oauth_count > 0)
                or abs(n.basic_count / (n.basic_count + n.oauth_count)
                    - b.basic_count / (b.basic_count + b.oauth_count)) >= 0.2
                then 'authentication' end,
        case
            when abs(n.message_count - b.message_count) >= 10
                and greatest(n.message_count, b.message_count)
                    >= 2 * least(n.message_count, b.message_count)
                then 'volume' end
    ) as change
from sender_figures n
join sender_figures_before b on b.sender_key = n.sender_key and b.sender_domain = n.sender_domain
