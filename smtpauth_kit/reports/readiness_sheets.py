"""Readiness as sheets of a workbook: senders at stake, and the weeks of the burn-down."""

from __future__ import annotations

from typing import Any, Final

from smtpauth_kit.reports.readiness_told import Told
from smtpauth_kit.reports.spreadsheets import Diagram, Field, Sheet
from smtpauth_kit.views import burn_down, readiness
from smtpauth_kit.views.filter_words import source_title
from smtpauth_kit.words.words import Words

_COLUMNS: Final = (
    ("sender_address", "Sender address", "text"),
    ("sender_domain", "Sender domain", "text"),
    ("breaks_text", "Stops with", "text"),
    ("rhythm_text", "Rhythm", "text"),
    ("next_expected", "Next expected", "date"),
    ("last_basic", "Last Basic auth", "date"),
    ("last_legacy_tls", "Last TLS 1.0/1.1", "date"),
    ("message_count", "Messages", "count"),
    ("basic_count", "Basic auth", "count"),
    ("oauth_count", "OAuth", "count"),
    ("unknown_auth_count", "Authentication unknown", "count"),
    ("legacy_tls_count", "TLS 1.0/1.1", "count"),
    ("none_tls_count", "No TLS", "count"),
    ("first_seen", "First seen", "date"),
    ("last_seen", "Last seen", "date"),
    ("active_days", "Days with a message", "count"),
    ("client_ip_count", "Client IPs", "count"),
    ("allowed_text", "Mailbox setting", "text"),
    ("way_text", "Way out", "text"),
    ("owner", "Owner", "text"),
    ("state_text", "State", "text"),
    ("due_date", "Due date", "date"),
    ("note", "Note", "text"),
)
"""A column of the sheet: its name among `views.readiness.rows`, the key of its title, its kind."""


def sheets(told: Told, words: Words) -> list[Sheet]:
    """Return the sheet of senders at stake, the hardest first, and that of the weeks."""
    return [_senders(told, words), _weeks(told, words)]


def summary(told: Told, words: Words) -> list[tuple[str, str]]:
    """Return what the sheet of figures says of it: readiness, burn-down, switch-off."""
    ready = told.ready
    if not ready.is_anything_loaded or ready.scope.source is None:
        return []
    return [
        (words("Readiness"), readiness.summary(ready, words, is_status=False)),
        (words("Burn-down"), burn_down.statement(ready, words)),
        (
            words("Simulated switch-off"),
            words.told(ready.switch_off.beside["statement"]),
        ),
    ]


def _senders(told: Told, words: Words) -> Sheet:
    fields = (
        *(Field(words(title), kind) for _, title, kind in _COLUMNS),  # type: ignore[arg-type]
        Field(words("Source")),
    )
    rows = readiness.rows(told.ready.rows, words).to_dict("records")
    return Sheet(words("Readiness"), fields, (_row(row, words) for row in rows))


def _row(row: dict[Any, Any], words: Words) -> tuple[Any, ...]:
    return (*(row[name] for name, _, _ in _COLUMNS), source_title(row["source"], words))


def _weeks(told: Told, words: Words) -> Sheet:
    """Return a row for each week, the oldest first, with a diagram of senders on Basic auth."""
    columns = burn_down.columns(words)
    rows = burn_down.table_rows(told.ready, words).iloc[::-1]
    names = [column.name for column in columns]
    fields = tuple(Field(column.title, column.kind) for column in columns)  # type: ignore[arg-type]
    values = list(rows[names].astype(object).itertuples(index=False, name=None))
    basic = names.index("basic_sender_count")
    diagram = Diagram(words("Senders on Basic auth"), 0, basic, len(values)) if values else None
    return Sheet(words("Burn-down"), fields, values, diagram)
