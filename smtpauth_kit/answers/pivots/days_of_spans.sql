-- Question: of which days are those that a store has added up by sixty?
-- Grain:    one row: first_number, last_number (days since 1970; null: of none)
-- Reads:    place_spans, attempt_spans
select min(first_day) as first_number, max(last_day) as last_number
from (
    select first_day, last_day from place_spans
    union all
    select first_day, last_day from attempt_spans
) as spans
