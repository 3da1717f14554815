-- Question: from where was each account used, and from where did it fail, in each sixty days?
-- Grain:    one row per tenant, account, client address and span of sixty days (since 1970). Days of
--           use are bits (used_days_bits, the first of the span is 1), so that those of several
--           addresses or spans can be joined without counting a day twice
select tenant, account_key, client_ip, cast(floor(day_number / 60) as int) as span,
    min(network) as network, min(country) as country,
    bit_or(case when first_at is null then cast(0 as bigint)
        else cast(power(2, day_number % 60) as bigint) end) as used_days_bits,
    min(case when first_at is not null then day_number end) as first_day,
    max(case when first_at is not null then day_number end) as last_day,
    min(first_at) as first_at, max(last_at) as last_at, min(first_failed_at) as first_failed_at,
    cast(sum(success_count) as bigint) as success_count,
    cast(sum(message_count) as bigint) as message_count,
    cast(sum(failure_count) as bigint) as failure_count,
    cast(sum(refused_count) as bigint) as refused_count
from account_places
group by tenant, account_key, client_ip, cast(floor(day_number / 60) as int)
