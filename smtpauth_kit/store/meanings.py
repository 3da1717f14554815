"""What each table and column of a store means: written into it as comments, shown by `tables()`.

A column means the same wherever it has the same name; the few that do not stand under their table.
Text is empty, never null, where an export does not tell it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import duckdb

from smtpauth_kit.store.database import literal, quoted

TABLES: Final = {
    "submissions": "one message handed in over SMTP AUTH, or a count of them for a sender and a "
    "period: the rows that count under source auto for all days loaded",
    "all_submissions": "every submission, also of sources and report periods that do not count: "
    "never add two sources",
    "sign_ins": "one attempt to authenticate for SMTP, from the source that counts; a failure is "
    "never use",
    "all_sign_ins": "every sign-in of every source: never add two sources",
    "daily_by_sender": "submissions added up by UTC day or period, sender, TLS version and "
    "authentication: the rows that count under source auto for all days loaded",
    "all_daily_by_sender": "daily_by_sender of every source and report period: never add two "
    "sources",
    "daily_by_domain": "submissions added up by UTC day or period, sender domain, TLS version and "
    "authentication: the rows that count under source auto for all days loaded",
    "all_daily_by_domain": "daily_by_domain of every source and report period: never add two "
    "sources",
    "duplicate_rows": "a submission that another file (of_file_id) had already; in no figure",
    "mail_context": "one recipient of a message known to be mail, not known to be SMTP AUTH; in "
    "no figure",
    "mailbox_settings": "what a mailbox (empty address: the tenant) was allowed on one day",
    "connector_volume": "a day of a connector between servers; context only, in no figure of SMTP "
    "AUTH",
    "source_files": "one export that was loaded: recognised as what and why, its period, how its "
    "rows ended",
    "rejected_rows": "a row that was not loaded, as it came, and why",
    "addresses": "every form in which an address came: as it came, as it is compared, its domain",
    "submission_rows": "every row behind all_submissions, also what another file had "
    "(duplicate_of): never add them up",
    "settings": "what an older kit kept here; it was moved into the file beside the store",
    "sign_in_rows": "every row behind all_sign_ins, also what another file had (duplicate_of)",
    "mail_context_rows": "every row behind mail_context, also what another file had (duplicate_of)",
    "mailbox_setting_rows": "every row behind mailbox_settings, also what another file had "
    "(duplicate_of)",
    "connector_volume_rows": "every row behind connector_volume, also what another file had "
    "(duplicate_of)",
    "open_lines": "a line of a log whose session, connection or message goes on in another file",
    "smtp_sessions": "a session of an Exchange front end, whose messages stand in another log",
    "findings": "unusual activity that the rules found when the store was last judged, the one to "
    "look at first, first; of a small store they are judged when asked, and none stands here",
    "findings_judged": "of which facts and rules the findings are; of others they are judged anew",
    "daily_by_place": "what the rules read, made when the store is judged: messages per day, From "
    "address, account and client address; of all sources, so that a plain sum may be too high",
    "daily_by_hour": "what the rules read, made when the store is judged: messages per day, From "
    "address and hour; of all sources, so that a plain sum may be too high",
    "daily_by_recipient_domain": "what the rules read, made when the store is judged: to which "
    "domains each sender wrote on each day, of all sources",
    "daily_by_attempt": "what the rules read, made when the store is judged: sign-ins per day, "
    "account, client address, program and result; of all sources, so that a plain sum may be too "
    "high",
    "span_by_attempt": "daily_by_attempt added up in each sixty days (span)",
    "span_by_place": "daily_by_place added up in each sixty days (span); of reports, each day",
    "span_by_hour": "daily_by_hour added up in each sixty days (span); of reports, each day",
    "span_by_recipient_domain": "daily_by_recipient_domain in each sixty days (span), with the "
    "first day of each domain; of reports, each day",
    "sender_figures": "what readiness opens with, of each sender over every day loaded, as it was "
    "when kept_of was; a small store keeps none",
    "week_figures": "the same of each ISO week (monday: days since 1970) for burn-down",
    "changed_periods": "days and periods that loads changed since those tables were made",
    "pulled_from": "where this store was pulled from: it holds counts by day, and messages of some "
    "senders alone",
    "store_info": "what made this store; another schema version is refused",
}
"""Of tables and views."""

COLUMNS: Final = {
    "is_addressed": "the domain is what stands after the first @ of a recipient: rules read these",
    "is_last": "the domain is what stands after the last @ of a recipient, or a recipient without "
    "one, as readiness reads it",
    "is_untold": "a message to it names fewer recipients than it had",
    "joins": "another thread that tells more of it; empty where there is none",
    "logged_at": "when the line was written, in UTC",
    "text": "the line as its format reads it again",
    "thread": "what the line tells of: equal in all files that tell of it",
    "accounts": "the accounts it is about, those that matter first",
    "evidence_count": "messages, sign-ins or settings that prove it",
    "expected": "what was to be expected in the place of measured; null where nothing was",
    "finding_id": "names it: the same for the same data, also when later days are loaded",
    "first_seen": "when it began, in UTC",
    "incident_id": "findings about one account, close in time, are one incident",
    "is_day": "the source has days only: first_seen and last_seen are midnights",
    "judged_at": "when the facts were judged, in UTC",
    "judged_of": "names the facts and the rules",
    "last_seen": "when it ended, in UTC",
    "measured": "the figure that is unusual, of the rule's own unit",
    "origin": "the store that was asked",
    "pulled_at": "when it was asked, in UTC",
    "senders": "senders of which each message is here",
    "not_checked": "rules that could not be asked, each with what no source tells, as JSON",
    "place": "order in which findings are to be looked at, from 0",
    "rule": "the rule that found it",
    "score": "orders findings of one rule",
    "severity": "high: act today; medium: look this week; low: know it",
    "sources": "kinds of export it was found in",
    "subject": "whom it is about: a sender, an account, a client address or a tenant",
    "subject_kind": "sender, account, client_ip or tenant",
    "told": "what else its sentence names, as JSON",
    "account": "who authenticated, as the source has it; empty where it does not say",
    "account_id": "the account in addresses; 0: the source names none",
    "account_key": "the account as it is compared: lower case, domain in IDNA form; equals the "
    "account_key of sign_ins and the sender_key of submissions",
    "adds_recipients": "another event of a message already counted, which adds only recipients",
    "address": "the mailbox; empty for the tenant itself",
    "address_id": "number of this form of the address",
    "address_key": "the address as it is compared: lower case, domain in IDNA form",
    "ahead_of_clock": "dated more than two days ahead of the clock of the machine that loaded it",
    "allow_legacy_tls": "whether old TLS versions are accepted; null: the export does not say",
    "attempt_count": "sign-ins, successes or failures",
    "auth_protocol": "basic, oauth or unknown (not stated)",
    "cannot_tell": "what exports of this format do not say, as a list",
    "basic_count": "messages with Basic authentication",
    "first_at": "the first of them, in UTC",
    "first_day": "the first day of it, counted from 1 January 1970",
    "last_at": "the last of them, in UTC",
    "last_day": "the last day of it, counted from 1 January 1970",
    "first_sent_at": "when the first message of the day was accepted, in UTC",
    "hour_of_day": "hour of the day, in UTC, from 0",
    "largest_recipient_count": "recipients of the message that had most; null: not told",
    "last_sent_at": "when the last message of the day was accepted, in UTC",
    "oauth_count": "messages with OAuth",
    "strong_tls_count": "messages over TLS 1.2 or 1.3",
    "weak_tls_count": "messages over TLS 1.0, 1.1 or none",
    "changed_at": "when it was kept, in UTC",
    "city": "as the log has it; empty where it does not say",
    "client_ip": "IP address of the device or application; empty where the source does not say",
    "connector": "name of the connector; empty where the export does not say",
    "connector_type": "kind of connector, as the export has it",
    "content_bytes": "size of the file, in bytes",
    "content_sha256": "SHA-256 of the file's bytes, in hexadecimal",
    "country": "as the log has it, usually two letters; empty where it does not say",
    "created_at": "when the store was made, in UTC",
    "day": "UTC day that the export is of",
    "day_count": "days of the span on which something was sent in this hour",
    "days_bits": "on which days of the span it was: 1 the first, 2 the next, then 4, 8 and so on",
    "day_derived": "the export has no day: that of the file, or of --period, was taken",
    "display_name": "name of the mailbox; empty where the export does not say",
    "domain": "part after the @, lower case, IDNA form; empty where there is none",
    "duplicate_of": "the file (file_id) that had the row already; null: the row counts",
    "error_code": "as the log has it; empty or 0 for a success",
    "fields_from": "which fields another source told of the same message, as field=source; empty "
    "where its own source told all",
    "file_id": "the export it was loaded from, in source_files",
    "forced_tls": "whether the connector insists on TLS, as the export has it",
    "format": "what the export was recognised as",
    "header": "its header, under which rejected rows can stand again; empty where it has none",
    "is_settled": "holds what all rows of its message know together; what its own file said "
    "stands beside it (duplicate_of = file_id)",
    "kit_version": "version of smtpauth_kit that made the store",
    "line": "line, row or record of the file, counted from 1",
    "load_key": "content, tenant and period: the same again loads nothing",
    "loaded_at": "when it was loaded, in UTC",
    "message_count": "messages, 0 or more",
    "message_subject": "subject of the message as the source has it; empty where it does not say",
    "message_id": "Message-ID as the source has it; empty where it does not say",
    "name": "what the setting is called",
    "network": "autonomous system number (ASN) of the client; empty where the log does not say",
    "network_message_id": "Exchange Online's own id of the message; empty where there is none",
    "none_count": "messages without TLS on that day",
    "of_file_id": "the file that had it first, in source_files",
    "path": "where the file was when it was loaded",
    "period_end": "last UTC day, included; equal to period_start for a message",
    "period_start": "first UTC day, included; equal to period_end for a message",
    "raw": "the row as it came",
    "reason": "why it was not loaded",
    "received_at": "when it arrived, in UTC; null where the export gives only a day",
    "recipient_address": "one recipient, as the export has it",
    "recipient_count": "recipients of the message; null where the source does not say",
    "recipients": "addresses of the recipients; empty where the source does not say",
    "result": "success or failure; an interrupted sign-in is a failure",
    "row_key": "what makes the row the same as one of another file; empty where its ids do",
    "rows_duplicate": "rows that another file had already",
    "rows_loaded": "rows that were loaded",
    "rows_other": "good rows that are no submission or SMTP sign-in, or one more event or "
    "recipient of a message already counted",
    "rows_read": "rows of the file: loaded, duplicate, rejected and other together",
    "rows_rejected": "rows that could not be loaded: they stand in rejected_rows",
    "schema_version": "version of the tables; the kit refuses one it does not know",
    "sender_address": "From or MAIL FROM as the source has it",
    "sender_derived": "the log names no sender: the account that signed in was taken",
    "sender_domain": "part after the @ of the sender, lower case, IDNA form",
    "sender_id": "the sender in addresses",
    "sender_key": "the sender as it is compared: lower case, domain in IDNA form",
    "sent_at": "when it was handed in, in UTC; null for counts and where the export gives only a "
    "day",
    "sentence": "the reason as a template with its values, for other languages than English; "
    "empty where it has no values",
    "sentences": "why and warnings once more, as templates with their values: for other languages "
    "than English",
    "session": "the front end's session, which joins it to another log; empty where there is none",
    "sign_in_id": "the log's own id of the attempt, where it has one: the same one is never "
    "counted twice",
    "signed_in_at": "when it was tried, in UTC",
    "smtp_auth_disabled": "true: blocked; false: allowed; null: inherits the tenant",
    "span": "sixty days, counted from 1 January 1970",
    "source": "kind of export it comes from: figures of two sources are never added together",
    "status": "what became of it, as the export has it",
    "superseded_by": "the file that states other figures for the same sender and period, and "
    "counts instead; null: this row counts",
    "tenant": "name given with --tenant; empty where none was",
    "tls_1_0_count": "messages over TLS 1.0 on that day",
    "tls_1_1_count": "messages over TLS 1.1 on that day",
    "tls_1_2_count": "messages over TLS 1.2 on that day",
    "tls_1_3_count": "messages over TLS 1.3 on that day",
    "tls_cipher": "as the source names it; empty where it does not say",
    "tls_derived": "the TLS count was worked out from a percentage",
    "tls_version": "none, 1.0, 1.1, 1.2, 1.3 or unknown (not stated)",
    "user_agent": "program that signed in, as the log has it; empty where it does not say",
    "value": "the setting, as JSON",
    "warnings": "what was said when it was loaded, as a list",
    "written_at": "the date of the file or of the member of an archive, in UTC: it was exported "
    "then or before; null where an older kit loaded it",
    "why": "by what the format was recognised",
}
"""Of columns, wherever they stand."""

OF_ONE_TABLE: Final = {
    ("addresses", "address"): "the address as it came; empty for none",
    ("connector_volume", "message_count"): "messages of the connector on that day",
    ("connector_volume_rows", "message_count"): "messages of the connector on that day",
    ("open_lines", "place"): "among the lines of its file, in the order in which they were written",
    ("mail_context", "tls_version"): "of the hop that the detail names; unknown where it names "
    "none",
    ("mail_context_rows", "tls_version"): "of the hop that the detail names; unknown where it "
    "names none",
    ("rejected_rows", "line"): "line, row or record of the file where it stands, counted from 1",
    ("source_files", "file_id"): "number of the export in this store",
    ("source_files", "message_count"): "messages in the rows loaded from it",
    ("source_files", "period_end"): "last UTC day it tells of, included; null where it tells of "
    "none",
    ("source_files", "period_start"): "first UTC day it tells of, included; null where it tells "
    "of none",
    ("span_by_place", "first_sent_at"): "when the first message of these days was accepted, in UTC",
    ("span_by_place", "last_sent_at"): "when the last message of these days was accepted, in UTC",
    ("submission_rows", "recipients"): "addresses of the recipients, joined by ;",
    ("submission_rows", "line"): "its line in the log of a server, by which other files tell more "
    "of it; null else",
    ("submission_rows", "duplicate_of"): "the file (file_id) that tells of it already; null: it "
    "stands in all_submissions",
}
"""Of columns that mean something of their own in a table: (table, column)."""


SHOWN: Final = {
    "counts": "the row stands in the table without all_ before its name: it may be added up",
    "why_not": "why the row does not count; null where it does",
}
"""Of the columns that the tables with every row have beside a store's own."""


def meaning_of(table: str, column: str) -> str:
    """Return what a column means; empty where nothing is told of it.

    >>> meaning_of("all_submissions", "why_not")
    'why the row does not count; null where it does'
    """
    means = OF_ONE_TABLE.get((table, column)) or COLUMNS.get(column) or SHOWN.get(column)
    return means or ""


def write_comments(con: duckdb.DuckDBPyConnection) -> None:
    """Write the meaning of every table and column of a store into it.

    What is not told above stays without: an older store may hold more than this kit makes.
    """
    con.execute(";\n".join(_comments(con)))


def _comments(con: duckdb.DuckDBPyConnection) -> Iterator[str]:
    views = con.execute(
        "select view_name from duckdb_views() where not internal and not temporary"
    ).fetchall()
    columns = con.execute(
        "select table_name, column_name from duckdb_columns() "
        "where not internal and database_name = current_database()"
    ).fetchall()
    for table in dict.fromkeys(table for table, _ in columns):
        if meaning := TABLES.get(table):
            kind = "view" if (table,) in views else "table"
            yield f"comment on {kind} {quoted(table)} is {literal(meaning)}"
    for table, column in columns:
        if meaning := OF_ONE_TABLE.get((table, column)) or COLUMNS.get(column):
            place = f"{quoted(table)}.{quoted(column)}"
            yield f"comment on column {place} is {literal(meaning)}"
