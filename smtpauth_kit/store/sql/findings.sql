-- What all rules found when the store was last judged, so that a screen opens at once. It holds no
-- facts: findings that are not of the facts as they are (findings_judged) are judged anew.
create table if not exists findings (
    place integer, finding_id text, rule text, severity text, tenant text, subject_kind text,
    subject text, first_seen timestamp, last_seen timestamp, is_day boolean, measured double,
    expected double, evidence_count bigint, score double, accounts text[], sources text[],
    told text, incident_id text
);

create table if not exists findings_judged (judged_of text, judged_at timestamp, not_checked text);

-- What the rules read of each day, so that a load has only its own days counted for them. Rows of all
-- sources that no other supersedes; which of them count is chosen when they are read.
create table if not exists daily_by_place (
    source text, tenant text, ahead_of_clock boolean, period_start date, period_end date,
    sender_key text, account_key text, client_ip text, message_count bigint, weak_tls_count bigint,
    strong_tls_count bigint, basic_count bigint, oauth_count bigint, recipient_count bigint,
    largest_recipient_count integer, first_sent_at timestamp, last_sent_at timestamp
);

create table if not exists daily_by_hour (
    source text, tenant text, ahead_of_clock boolean, period_start date, period_end date,
    sender_key text, hour_of_day bigint, message_count bigint
);

create table if not exists daily_by_recipient_domain (
    source text, tenant text, ahead_of_clock boolean, period_start date, period_end date,
    sender_key text, domain text
);

-- Of an older store they are null: its days are counted anew.
alter table daily_by_recipient_domain add column if not exists is_addressed boolean;
alter table daily_by_recipient_domain add column if not exists is_last boolean;
alter table daily_by_recipient_domain add column if not exists is_untold boolean;

create table if not exists daily_by_attempt (
    source text, tenant text, ahead_of_clock boolean, period_start date, period_end date,
    account_key text, client_ip text, country text, network text, user_agent text, result text,
    error_code text, attempt_count bigint, first_at timestamp, last_at timestamp
);

-- What these days add up to in each span of sixty days (of reports, each day: period_start says it).
create table if not exists span_by_place (
    source text, tenant text, ahead_of_clock boolean, span integer, period_start date,
    period_end date, sender_key text, account_key text, client_ip text, message_count bigint,
    weak_tls_count bigint, strong_tls_count bigint, basic_count bigint, oauth_count bigint,
    recipient_count bigint, days_bits bigint, first_day integer, last_day integer,
    first_sent_at timestamp, last_sent_at timestamp
);

create table if not exists span_by_hour (
    source text, tenant text, ahead_of_clock boolean, span integer, period_start date,
    period_end date, sender_key text, hour_of_day bigint, message_count bigint, day_count bigint
);

create table if not exists span_by_recipient_domain (
    source text, tenant text, ahead_of_clock boolean, span integer, period_start date,
    period_end date, sender_key text, domain text, first_day integer, is_last boolean,
    is_untold boolean
);

create table if not exists span_by_attempt (
    source text, tenant text, ahead_of_clock boolean, span integer, account_key text,
    client_ip text, country text, network text, user_agent text, result text, error_code text,
    attempt_count bigint, days_bits bigint, first_day integer, last_day integer,
    first_at timestamp, last_at timestamp
);

-- Periods that loads and unloads changed since those tables were made.
create table if not exists changed_periods (
    source text, tenant text, period_start date, period_end date
);
