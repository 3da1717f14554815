-- Question: on which days did each sender send, and how long was the pause before?
-- Grain:    as of sender_days. pause: since its last day before; of counts of several days null, as
--           on its first day. basic_pause: the same of Basic auth, 0 where two periods end together
-- Reads:    sender_days
select sender_number, period_start, period_end, day_number, message_count, basic_count,
    oauth_count, unknown_auth_count, legacy_tls_count, none_tls_count, unknown_tls_count,
    period_start = period_end as is_day,
    case when period_start = period_end then day_number - max(
        case when period_start = period_end then day_number end
    ) over (partition by sender_number order by day_number
        rows between unbounded preceding and 1 preceding) end as pause,
    case when basic_count > 0 then day_number - max(
        case when basic_count > 0 then day_number end
    ) over (partition by sender_number order by day_number
        rows between unbounded preceding and 1 preceding) end as basic_pause
from sender_days
