-- The sign-ins a scope counts.
-- Params: $sign_in_source, $start, $end (days of $timezone, both included), $domains, $sender
select *
from sign_ins
where source = $sign_in_source
    and (signed_in_at at time zone 'UTC' at time zone $timezone)::date >= $start::date
    and (signed_in_at at time zone 'UTC' at time zone $timezone)::date <= $end::date
    and (len($domains::text[]) = 0
        or list_contains($domains::text[], split_part(account_key, '@', 2)))
    and ($sender::text is null or account_key = $sender)
