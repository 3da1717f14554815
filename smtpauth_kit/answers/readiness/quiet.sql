-- Question: what was different on these senders' last day, and what failed after it?
-- Grain:    one row per tenant and sender
-- Params:   $keys (sender keys, at least one), $sign_in_source, $sign_in_sources
-- Reads:    ready_rows, sent_places
with ends as (
    select tenant, sender_key, max(period_end) as last_seen
    from ready_rows
    where sender_key in (select unnest($keys))
    group by tenant, sender_key
), ways as (
    select e.tenant, e.sender_key, e.last_seen, r.tls_version, r.auth_protocol,
        max(case when r.period_end = e.last_seen then 1 else 0 end) as at_last,
        max(case when r.period_end < e.last_seen then 1 else 0 end) as before_it
    from ends e
    join ready_rows r on r.tenant = e.tenant and r.sender_key = e.sender_key
        and r.period_end >= e.last_seen + cast(-30 as int)
    group by e.tenant, e.sender_key, e.last_seen, r.tls_version, r.auth_protocol
), versions as (
    select tenant, sender_key, tls_version, max(at_last) as at_last, max(before_it) as before_it
    from ways
    group by tenant, sender_key, tls_version
), protocols as (
    select tenant, sender_key, auth_protocol, max(at_last) as at_last, max(before_it) as before_it
    from ways
    group by tenant, sender_key, auth_protocol
), tls as (
    select tenant, sender_key,
        array_sort(array_agg(tls_version) filter (where at_last = 1)) as last_tls,
        max(case when at_last = 1 and before_it = 0 then 1 else 0 end) as tls_is_new,
        max(before_it) as had_before
    from versions
    group by tenant, sender_key
), auth as (
    select tenant, sender_key,
        array_sort(array_agg(auth_protocol) filter (where at_last = 1)) as last_auth,
        max(case when at_last = 1 and before_it = 0 then 1 else 0 end) as auth_is_new
    from protocols
    group by tenant, sender_key
), signing as (
    select distinct p.tenant, p.sender_key, e.last_seen,
        case when p.account_key = '' then p.sender_key else p.account_key end as account_key
    from sent_places p
    join ends e on e.tenant = p.tenant and e.sender_key = p.sender_key
), failed as (
    select g.tenant, g.sender_key, count(*) as failure_count,
        array_sort(array_agg(distinct s.error_code) filter (where s.error_code <> ''))
            as error_codes
    from signing g
    join sign_ins s on s.tenant = g.tenant and s.account_key = g.account_key
        and cast(s.signed_in_at as date) >= g.last_seen
    where s.result = 'failure'
        and (s.source = $sign_in_source
            or array_contains($sign_in_sources, concat(s.tenant, '|', s.source)))
    group by g.tenant, g.sender_key
)
select e.tenant, e.sender_key, t.last_tls, a.last_auth,
    case when t.had_before = 1 then t.tls_is_new else 0 end as tls_is_new,
    case when t.had_before = 1 then a.auth_is_new else 0 end as auth_is_new,
    coalesce(f.failure_count, 0) as failure_count, f.error_codes
from ends e
join tls t on t.tenant = e.tenant and t.sender_key = e.sender_key
join auth a on a.tenant = e.tenant and a.sender_key = e.sender_key
left join failed f on f.tenant = e.tenant and f.sender_key = e.sender_key
order by e.sender_key, e.tenant
