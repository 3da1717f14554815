-- Question: what did each sender of the range use shortly before it?
-- Grain:    one row per tenant and sender that sent then, by the source that tells of it in the range
-- Params:   $start, $first_before (29 days before $start: with a day of the range they are 30)
-- Reads:    told_by_source
select d.tenant, d.sender_key,
    max(case when d.auth_protocol = 'basic' then d.period_end end) as last_basic,
    max(case when d.auth_protocol = 'unknown' then d.period_end end) as last_unknown_auth,
    max(case when d.tls_version in ('1.0', '1.1') then d.period_end end) as last_legacy_tls,
    max(case when d.tls_version = 'none' then d.period_end end) as last_none_tls
from daily_by_sender d
join told_by_source t on t.tenant = d.tenant and t.sender_key = d.sender_key
    and t.source = d.source
where d.period_end >= $first_before
    and d.period_end < $start
    and d.message_count > 0
group by d.tenant, d.sender_key
