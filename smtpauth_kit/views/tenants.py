"""Tenants side by side as people read them: the columns of their table, and its one sentence."""

from __future__ import annotations

from typing import Any, Final

from smtpauth_kit.answers.questions import Answer
from smtpauth_kit.store.rows import of_frame
from smtpauth_kit.views.details_table import Column
from smtpauth_kit.views.filter_words import source_title, tenant_title
from smtpauth_kit.words.words import Words

TITLE: Final = "Tenants side by side"
"""Key of the words above it."""


def columns(words: Words) -> tuple[Column, ...]:
    """Return the columns of the table of tenants."""
    return (
        Column("tenant_text", words("Tenant")),
        Column(
            "high_finding_count", words("High findings"), "count",
            help=words("Findings of high severity that nobody has acknowledged or allowed"),
        ),
        Column(
            "basic_senders_left", words("Left on Basic auth"), "count",
            help=words("Senders that still use Basic auth; a dash where no source tells it"),
        ),
        Column(
            "projected_senders_left", words("Left on the last day"), "count",
            help=words("Senders that will use it on the day of retirement, at this pace"),
        ),
        Column("account_count", words("Accounts"), "count"),
        Column("message_count", words("Messages"), "count"),
        Column(
            "message_count_before", words("Messages before"), "count",
            help=words("Of as many days before, by the same source"),
        ),
        Column("basic_count", words("Basic auth"), "count"),
        Column("legacy_tls_count", words("TLS 1.0/1.1"), "count"),
        Column("none_tls_count", words("No TLS"), "count"),
        Column("source_text", words("Source")),
        Column("last_day", words("Newest day loaded"), "date"),
    )  # fmt: skip


def shown_rows(answer: Answer, words: Words) -> list[dict[str, Any]]:
    """Return the rows of the answer with what `columns` show of them in words."""
    return [
        {
            **row,
            "tenant_text": tenant_title(row["tenant"], words),
            "source_text": source_title(row["source"] or None, words),
        }
        for row in of_frame(answer.rows).records()
    ]


def finding(answer: Answer, words: Words) -> str:
    """Return in one sentence how many tenants there are, and whether they can be added up."""
    return words.told(answer.beside["statement"])
