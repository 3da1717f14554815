-- What all rules found when the store was last judged, so that a screen opens at once. It holds no
-- facts: findings that are not of the facts as they are (findings_judged) are judged anew.
create table if not exists findings (
    place integer, finding_id text, rule text, severity text, tenant text, subject_kind text,
    subject text, first_seen timestamp, last_seen timestamp, is_day boolean, measured double,
    expected double, evidence_count bigint, score double, accounts text[], sources text[],
    told text, incident_id text
);

create table if not exists findings_judged (judged_of text, judged_at timestamp, not_checked text);
