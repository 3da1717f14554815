-- A store of schema 3 becomes one of schema 4: what was said of files and rows is kept as sentences
-- too. What was said in English stays as it was said. Its settings are left where they are: they
-- are moved into the file beside the store when they are first asked for. The view is the schema's.
alter table source_files add column sentences text;
update source_files set sentences = '[' || array_to_string(
    list_transform([why] || coalesce(warnings, []), lambda said: '{"":' || to_json(said)::text || '}'), ','
) || ']';
comment on column source_files.sentences is 'why and warnings once more, as templates with their values: for other languages than English';

alter table rejected_rows add column sentence text;
update rejected_rows set sentence = '';
comment on column rejected_rows.sentence is 'the reason as a template with its values, for other languages than English; empty where it has no values';

-- Exports that name the cipher of a message's TLS session: it is kept.
alter table submission_rows add column if not exists tls_cipher text;
create or replace view submissions as
select r.file_id, r.source, r.tenant, r.sent_at, r.period_start, r.period_end,
    s.address as sender_address, s.address_key as sender_key, s.domain as sender_domain,
    r.sender_derived, a.address as account,
    r.tls_version::text as tls_version, coalesce(r.tls_cipher, '') as tls_cipher,
    r.auth_protocol::text as auth_protocol, r.client_ip,
    case when r.recipients = '' then [] else string_split(r.recipients, ';') end as recipients,
    r.recipient_count, r.message_id, r.network_message_id, r.message_count, r.tls_derived,
    r.ahead_of_clock, r.superseded_by
from submission_rows r
join addresses s on s.address_id = r.sender_id
join addresses a on a.address_id = r.account_id
where r.duplicate_of is null;
comment on view submissions is 'one message handed in over SMTP AUTH, or a count of them for a sender and a period; never add two sources';
comment on column submissions.sent_at is 'UTC; null for counts and where the export gives only a day';
comment on column submissions.period_start is 'first UTC day, included; equal to period_end for a message';
comment on column submissions.period_end is 'last UTC day, included';
comment on column submissions.sender_address is 'From or MAIL FROM as the source has it';
comment on column submissions.sender_key is 'the address as it is compared: lower case, domain in IDNA form';
comment on column submissions.sender_domain is 'part after the @, lower case, IDNA form';
comment on column submissions.sender_derived is 'the log names no sender: the account that signed in was taken';
comment on column submissions.account is 'who authenticated, when the source says so';
comment on column submissions.tls_version is 'none, 1.0, 1.1, 1.2, 1.3 or unknown (not stated)';
comment on column submissions.tls_cipher is 'as the source names it; empty where it does not say';
comment on column submissions.auth_protocol is 'basic, oauth or unknown (not stated)';
comment on column submissions.message_count is 'messages, 0 or more';
comment on column submissions.tls_derived is 'the TLS count was worked out from a percentage';
comment on column submissions.ahead_of_clock is 'dated more than two days ahead of the clock of the machine that loaded it';
comment on column submissions.superseded_by is 'the file that states other figures for the same sender and period, and counts instead';

update store_info set schema_version = 4;
