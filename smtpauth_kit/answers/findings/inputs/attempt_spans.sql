-- Question: how did each account try to sign in, in each sixty days?
-- Grain:    as of attempt_days, with a span of sixty days (since 1970) in the place of a day. Days
--           are bits (days_bits, the first of the span is 1). Kept as span_by_attempt
-- Reads:    attempt_days
with numbered as (
    select source, tenant, ahead_of_clock, account_key, client_ip, country, network, user_agent,
        result, error_code, attempt_count, first_at, last_at,
        cast(date_diff('day', date '1970-01-01', period_start) as int) as day_number
    from attempt_days
)
select source, tenant, ahead_of_clock, cast(floor(day_number / 60) as int) as span, account_key,
    client_ip, country, network, user_agent, result, error_code,
    cast(sum(attempt_count) as bigint) as attempt_count,
    bit_or(cast(power(2, day_number % 60) as bigint)) as days_bits,
    min(day_number) as first_day, max(day_number) as last_day, min(first_at) as first_at,
    max(last_at) as last_at
from numbered
group by source, tenant, ahead_of_clock, cast(floor(day_number / 60) as int), account_key,
    client_ip, country, network, user_agent, result, error_code
