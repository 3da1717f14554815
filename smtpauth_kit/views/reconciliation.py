"""The comparison of sources as people read it: its columns, its rows in words, its one sentence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, Final

import pandas as pd

from smtpauth_kit.answers import Scope
from smtpauth_kit.base.conditions import Clause
from smtpauth_kit.base.names import SUBMISSION_SOURCES
from smtpauth_kit.views.details_table import Column
from smtpauth_kit.views.filter_words import source_title
from smtpauth_kit.views.sender_card import days_text
from smtpauth_kit.words.words import Words

PAGE_ROWS: Final = 25
"""So many rows stand on one page of the screen."""
MOST_ROWS: Final = 2_000
"""So many rows go into an exported page at most: those with most that is unexplained."""
TITLE: Final = "What the sources count, and why they differ"
"""Key of the words above it."""

DIFFERING: Final = Clause("difference", ">", "0")
UNEXPLAINED: Final = Clause("unexplained", ">", "0")


def shown_rows(rows: pd.DataFrame, words: Words) -> list[dict[str, Any]]:
    """Return rows as a table shows them: counts by source, the period and reasons in words.

    Examples
    --------
    >>> from smtpauth_kit.base.sentences import Sentence
    >>> from smtpauth_kit.words.words import speak
    >>> said = {"code": "same", "explains": 0, "sentence": Sentence("All sources count the same.")}
    >>> day = dt.date(2026, 11, 16)
    >>> rows = pd.DataFrame({"period_start": [day], "period_end": [day], "counts": [{"report": 7}],
    ...     "reasons": [[said]]})
    >>> (row,) = shown_rows(rows, speak("nl"))
    >>> row["period"], row["report"], row["reasons"][0]["text"]
    ('16 nov 2026', 7, 'Alle bronnen tellen hetzelfde.')
    """
    nothing = dict.fromkeys(SUBMISSION_SOURCES)
    records: list[dict[Any, Any]] = rows.to_dict("records")
    return [
        {
            **row,
            **nothing,
            **row["counts"],
            "period": days_text(row["period_start"], row["period_end"], words),
            "reasons": [_said(reason, words) for reason in row["reasons"]],
        }
        for row in records
    ]


def _said(reason: dict[str, Any], words: Words) -> dict[str, Any]:
    return {**reason, "text": words.told(reason["sentence"])}


def sources_of(rows: pd.DataFrame) -> list[str]:
    """Return the sources that speak in any of the rows, in the order of all sources."""
    named: set[str] = set().union(*rows["counts"])
    return [source for source in SUBMISSION_SOURCES if source in named]


def columns(rows: pd.DataFrame, words: Words) -> tuple[Column, ...]:
    """Return the columns of a table of rows of the answer; tenants only where they have names."""
    counts = (
        Column(
            source, _title(source, words), "count",
            help=words("Messages that it counts; a dash where it tells nothing of the period"),
        )
        for source in sources_of(rows)
    )  # fmt: skip
    tenant = (Column("tenant", words("Tenant")),) if any(rows["tenant"]) else ()
    return (
        Column("sender_address", words("Sender address")),
        *tenant,
        Column("period", words("Period")),
        Column(
            "difference", words("Difference"), "count",
            help=words("The largest count less the smallest"),
        ),
        Column(
            "unexplained", words("Not explained"), "count",
            help=words("Messages of the difference that no reason explains"),
        ),
        *counts,
        Column(
            "sign_in_count", words("Successful sign-ins"), "count",
            help=words("Of the account of this address; a dash where a day of them is not loaded"),
        ),
    )  # fmt: skip


def _title(source: str, words: Words) -> str:
    title = source_title(source, words)
    return title[:1].upper() + title[1:]


def finding(rows: pd.DataFrame, words: Words) -> str:
    """Return the one sentence about all rows; the messages that are left stand in plain digits.

    Examples
    --------
    >>> from smtpauth_kit.words.words import speak
    >>> finding(pd.DataFrame({"difference": [6, 0], "unexplained": [5, 0]}), speak("en"))
    '2 senders and periods compared, 1 with a difference. Messages that nothing explains: 5.'
    """
    compared = words("{n} senders and periods compared", n=len(rows))
    return words(
        "{compared}, {differing} with a difference. Messages that nothing explains: {digits}.",
        compared=compared,
        differing=int((rows["difference"] > 0).sum()),
        digits=str(int(rows["unexplained"].sum())),
    )


def notes(scope: Scope, words: Words, more: int = 0) -> list[str]:
    """Return what must be said under the table: the days, the sources, what is left out.

    `more`: so many rows are not shown.
    """
    if scope.start is None or scope.end is None:
        return []
    said = [
        words("Days of UTC: {range}.", range=days_text(scope.start, scope.end, words)),
        words("Compared: {sources}.", sources=source_title(scope.source, words)),
    ]
    if more:
        said.append(words("{n} more rows: choose a period or a sender domain.", n=more))
    if scope.outside_window:
        outside = len(scope.outside_window)
        said.append(words("{n} report periods do not lie wholly inside these days.", n=outside))
    if scope.overlapped:
        overlapped = len(scope.overlapped)
        said.append(words("{n} report periods overlap others and do not count.", n=overlapped))
    return said


def why_empty(scope: Scope, words: Words) -> str:
    """Return why there is no row: nothing loaded, nothing that two sources tell of, or filters."""
    if scope.start is None:
        return words('Nothing is loaded yet. Load your exports: sk.load(store, "data/exports").')
    if scope.filters.where == (UNEXPLAINED,):
        return words("Every difference is explained.")
    if scope.filters.changed(source="auto", tenants=()).asked():
        return words("No rows match.")
    if len({tenant for tenant, _ in scope.sources}) > 1:
        return words(
            "No two sources of one tenant tell of messages on the same days; what two tenants' "
            "sources tell is not compared."
        )
    return words(
        "No two sources tell of messages on the same days. Load a report and a log or a trace of "
        "its days, or two logs of the same days."
    )


def period_titles(
    periods: Iterable[tuple[dt.date, dt.date]], words: Words
) -> list[tuple[str, tuple[dt.date, dt.date]]]:
    """Return periods to choose from, the newest first, each with its text."""
    newest_first = sorted(set(periods), reverse=True)
    return [(days_text(*period, words), period) for period in newest_first]
