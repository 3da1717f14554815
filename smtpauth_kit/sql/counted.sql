-- The rows a scope counts; every answer about messages starts from these.
-- Params: $source; $start, $end (both included); $periods (report periods that count, as
--         tenant|start|end); $domains (empty = all); $sender (null = all)
select *
from (/* relation */) as facts
where source = $source
    and period_start >= $start::date and period_end <= $end::date
    and (source <> 'report'
        or list_contains($periods::text[], tenant || '|' || period_start || '|' || period_end))
    and (len($domains::text[]) = 0 or list_contains($domains::text[], sender_domain))
