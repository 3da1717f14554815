-- Question: from where was each account used on each day of a range, and where did it fail?
-- Grain:    as of account_places. A day of use is a bit (used_days_bits) of the day's own number
-- Params:   $first_number, $last_number (days since 1970)
-- Reads:    account_places
select tenant, account_key, client_ip, network, country, day_number as span,
    case when first_at is null then cast(0 as bigint) else cast(1 as bigint) end
        as used_days_bits,
    message_count, success_count, failure_count + refused_count as failure_count, first_at,
    least(first_at, first_failed_at) as first_seen, greatest(last_at, last_failed_at) as last_seen
from account_places
where day_number >= $first_number and day_number <= $last_number
