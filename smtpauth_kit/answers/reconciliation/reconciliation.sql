-- Question: what do the sources count of each sender in each period, and what is there to explain it?
-- Grain:    one row per tenant, period and sender; a count is null where that source does not
--           speak in the period, evidence is null where there is none
-- Reads:    asked_for, recipient_rows, unseen, sent_as, cuts, cut_off, uncovered, told_by_third
-- Reads:    report_files, too_late, superseded, sign_in_days, signed_in
select r.sender_address, r.period_start, r.period_end, r.tenant, r.requested_report, r.server_log,
    r.extended_trace, r.report, r.submission_log, r.largest - r.smallest as difference, r.larger,
    r.smaller, r.largest, r.smallest,
    case when whole.tenant is not null then coalesce(s.success_count, 0) end as sign_in_count,
    case when whole.tenant is not null then coalesce(s.failure_count, 0) end as failure_count,
    n.recipient_rows, greatest(u.linked_count, a.sent_as_count) as sent_as_count, u.unseen_count,
    u.unseen_client_count, coalesce(c.cut_rows, f.cut_rows) as cut_rows, o.cut_count,
    c.end_day as cut_end_day, m.missing_day_count, m.missing_count, t.third_count, f.report_day,
    l.late_count, old.superseded_count
from asked_for as r
left join recipient_rows as n
    on n.tenant = r.tenant and n.period_start = r.period_start and n.period_end = r.period_end
    and n.sender_key = r.sender_key
left join unseen as u
    on u.tenant = r.tenant and u.period_start = r.period_start and u.period_end = r.period_end
    and u.sender_key = r.sender_key
left join sent_as as a
    on a.tenant = r.tenant and a.period_start = r.period_start and a.period_end = r.period_end
    and a.sender_key = r.sender_key
left join cuts as c
    on c.tenant = r.tenant and c.period_start = r.period_start and c.period_end = r.period_end
    and c.source = r.smaller
left join cut_off as o
    on o.tenant = r.tenant and o.period_start = r.period_start and o.period_end = r.period_end
    and o.sender_key = r.sender_key
left join uncovered as m
    on m.tenant = r.tenant and m.period_start = r.period_start and m.period_end = r.period_end
    and m.sender_key = r.sender_key
left join told_by_third as t
    on t.tenant = r.tenant and t.period_start = r.period_start and t.period_end = r.period_end
    and t.sender_key = r.sender_key
left join report_files as f
    on f.tenant = r.tenant and f.period_start = r.period_start and f.period_end = r.period_end
    and r.smaller = 'report'
left join too_late as l
    on l.tenant = r.tenant and l.period_start = r.period_start and l.period_end = r.period_end
    and l.sender_key = r.sender_key
left join superseded as old
    on old.tenant = r.tenant and old.period_start = r.period_start
    and old.period_end = r.period_end and old.sender_key = r.sender_key
left join sign_in_days as whole
    on whole.tenant = r.tenant and whole.period_start = r.period_start
    and whole.period_end = r.period_end
left join signed_in as s
    on s.tenant = r.tenant and s.period_start = r.period_start and s.period_end = r.period_end
    and s.account_key = r.sender_key
order by r.tenant, r.period_start, r.period_end, r.sender_key
