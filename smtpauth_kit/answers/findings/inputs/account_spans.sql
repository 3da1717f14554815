-- Question: from where was each account used, and from where did it fail, in each sixty days?
-- Grain:    one row per tenant, account, client address and span of sixty days (since 1970). Days of
--           use are bits (used_days_bits, the first of the span is 1), so that those of several
--           addresses or spans can be joined without counting a day twice
with told as (
    select tenant, account_key, client_ip, span, days_bits as used_days_bits, first_day, last_day,
        first_sent_at as first_at, last_sent_at as last_at,
        cast(null as timestamp) as first_failed_at, cast(null as timestamp) as last_failed_at,
        cast(0 as bigint) as success_count, message_count, cast(0 as bigint) as failure_count,
        cast(0 as bigint) as refused_count
    from sent_spans_asked
    where client_ip <> '' and first_sent_at is not null
    union all
    select tenant, account_key, client_ip, span, days_bits, first_day, last_day, first_at, last_at,
        cast(null as timestamp), cast(null as timestamp), attempt_count, cast(0 as bigint),
        cast(0 as bigint), cast(0 as bigint)
    from attempt_spans_asked
    where client_ip <> '' and account_key <> '' and result = 'success'
    union all
    select a.tenant, a.account_key, a.client_ip, a.span, cast(0 as bigint), cast(null as int),
        cast(null as int), cast(null as timestamp), cast(null as timestamp),
        case when e.error_code is null then a.first_at end,
        case when e.error_code is null then a.last_at end, cast(0 as bigint), cast(0 as bigint),
        case when e.error_code is null then a.attempt_count else cast(0 as bigint) end,
        case when e.error_code is null then cast(0 as bigint) else a.attempt_count end
    from attempt_spans_asked a
    left join refused_codes e on e.error_code = a.error_code
    where a.client_ip <> '' and a.account_key <> '' and a.result = 'failure'
), spans as (
    select tenant, account_key, client_ip, span, bit_or(used_days_bits) as used_days_bits,
        min(first_day) as first_day, max(last_day) as last_day, min(first_at) as first_at,
        max(last_at) as last_at, min(first_failed_at) as first_failed_at,
        max(last_failed_at) as last_failed_at,
        cast(sum(success_count) as bigint) as success_count,
        cast(sum(message_count) as bigint) as message_count,
        cast(sum(failure_count) as bigint) as failure_count,
        cast(sum(refused_count) as bigint) as refused_count
    from told
    group by tenant, account_key, client_ip, span
)
select s.tenant, s.account_key, s.client_ip, s.span, n.network, coalesce(c.country, '') as country,
    s.used_days_bits, s.first_day, s.last_day, s.first_at, s.last_at, s.first_failed_at,
    s.last_failed_at, s.success_count, s.message_count, s.failure_count, s.refused_count
from spans s
join networks n on n.client_ip = s.client_ip
left join address_countries c on c.client_ip = s.client_ip
