-- Question: what was handed in in each sixty days: in which name, by which account, from where?
-- Grain:    one row per source, tenant, span of sixty days (since 1970; of reports, which count by
--           their periods, a day), From address, account and client address, and whether it is ahead
--           of the clock; of days with times apart from those without. Days are bits (days_bits, the
--           first of the span is 1). Kept as span_by_place
-- Reads:    place_days
with numbered as (
    select source, tenant, ahead_of_clock, period_start, sender_key, account_key, client_ip,
        message_count, weak_tls_count, strong_tls_count, basic_count, oauth_count,
        recipient_count, first_sent_at, last_sent_at,
        cast(date_diff('day', date '1970-01-01', period_start) as int) as day_number
    from place_days
), spanned as (
    select source, tenant, ahead_of_clock, cast(floor(day_number / 60) as int) as span,
        case when source = 'report' then period_start end as report_day,
        first_sent_at is not null as is_timed, sender_key, account_key, client_ip, message_count,
        weak_tls_count, strong_tls_count, basic_count, oauth_count, recipient_count,
        first_sent_at, last_sent_at, day_number
    from numbered
)
select source, tenant, ahead_of_clock, span, report_day as period_start,
    report_day as period_end, sender_key, account_key, client_ip,
    cast(sum(message_count) as bigint) as message_count,
    cast(sum(weak_tls_count) as bigint) as weak_tls_count,
    cast(sum(strong_tls_count) as bigint) as strong_tls_count,
    cast(sum(basic_count) as bigint) as basic_count,
    cast(sum(oauth_count) as bigint) as oauth_count,
    cast(sum(recipient_count) as bigint) as recipient_count,
    bit_or(cast(power(2, day_number % 60) as bigint)) as days_bits,
    min(day_number) as first_day, max(day_number) as last_day,
    min(first_sent_at) as first_sent_at, max(last_sent_at) as last_sent_at
from spanned
group by source, tenant, ahead_of_clock, span, report_day, is_timed, sender_key, account_key,
    client_ip
