"""What a report tells of sources that disagree: on its page, in its workbook and as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup

from smtpauth_kit import answers
from smtpauth_kit.answers.questions import Answer
from smtpauth_kit.base.filter_fields import FilterField
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.reports.pseudonyms import Pseudonyms
from smtpauth_kit.reports.rendering import render
from smtpauth_kit.reports.spreadsheets import Field, Sheet
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.views import details_table
from smtpauth_kit.views import reconciliation as view
from smtpauth_kit.words.words import Words

if TYPE_CHECKING:
    import pandas as pd

UNHEEDED: Final = ("timezone", "min_messages", "where", "senders", "source")
"""Filters that do not narrow it: all sources are compared, of all senders, in days of UTC."""

MOST_ON_PAGE: Final = 5
"""Differences on the page of a report: it has much else, and a workbook has all."""

MOST_IN_TEXT: Final = 50
"""Differences in a report as text, or on paper."""


@dataclass(frozen=True)
class Told:
    """What the sources count of the same senders and periods, as one report tells it."""

    answer: Answer
    unheeded: tuple[FilterField, ...] = ()
    """Filters that were asked for and that do not narrow it."""

    @property
    def differing(self) -> pd.DataFrame:
        """Rows in which two sources differ, those with most that is unexplained first."""
        rows = self.answer.rows
        return rows[rows["difference"] > 0]


def told(engine: Engine, filters: Filters) -> Told | None:
    """Return how the sources compare; None where no two tell of the same senders and days.

    Days not asked for are all loaded.

    Examples
    --------
    >>> from smtpauth_kit.base.filters import ALL
    >>> told(store, ALL) is None  # One log alone.
    True
    """
    unheeded = tuple(each for each, _ in filters.asked() if each.name in UNHEEDED)
    asked = filters.changed(**{each.name: each.default for each in unheeded})
    kept = Filters(
        start=asked.start, end=asked.end, as_of=asked.as_of, tenants=asked.tenants,
        domains=asked.domains, sender=asked.sender,
    )  # fmt: skip
    answer = answers.ask(engine, "reconciliation", kept)
    return Told(answer, unheeded) if len(answer.rows) else None


def renamed(told: Told, pseudonyms: Pseudonyms) -> Told:
    """Return it with pseudonyms; its reasons name no one."""
    rows, scope = told.answer.rows, told.answer.scope
    names = {
        "sender_address": [pseudonyms.address(each) for each in rows["sender_address"]],
        "tenant": [each and pseudonyms.name("tenant", each) for each in rows["tenant"]],
    }
    # Among equals the new names settle the order: the real ones would show through it.
    shown = rows.assign(**names).sort_values(
        ["unexplained", "difference", "sender_address", "period_start"],
        ascending=[False, False, True, True], ignore_index=True,
    )  # fmt: skip
    filters = pseudonyms.filters(scope.filters)
    answer = replace(
        told.answer,
        rows=shown,
        scope=replace(scope, filters=filters, **pseudonyms.periods(scope)),
    )
    return replace(told, answer=answer)


def section(told: Told, words: Words, *, paper: bool = False) -> Markup:
    """Return the part of a report's page: one sentence, and below it the first differences."""
    rows = told.differing
    most = MOST_IN_TEXT if paper else MOST_ON_PAGE
    return render(
        "reconciled.html",
        words,
        title=words(view.TITLE),
        finding=view.finding(told.answer.rows, words),
        columns=view.columns(rows, words) if len(rows) else (),
        rows=view.shown_rows(rows.head(most), words),
        notes=_notes(told, words, len(rows) - most),
        paper=paper,
    )


def _notes(told: Told, words: Words, more: int = 0) -> list[str]:
    said = view.notes(told.answer.scope, words)
    if more > 0:
        said.append(words("{n} more rows.", n=more))
    if told.unheeded:
        options = ", ".join(each.option for each in told.unheeded)
        said.append(words("All sources are compared, of all senders, in days of UTC: it is "
                          "not narrowed by {options}.", options=options))  # fmt: skip
    return said


def summary(told: Told, words: Words) -> list[tuple[str, str]]:
    """Return what the sheet of figures says of it."""
    label = words("Reconciliation")
    return [(label, view.finding(told.answer.rows, words)),
            *(("", text) for text in _notes(told, words)[2:])]  # fmt: skip


def sheet(told: Told, words: Words) -> Sheet:
    """Return a row for each sender and period in which sources differ, reasons in a cell."""
    rows = told.differing
    columns = _columns(rows, words)
    kinds = {"text": "text", "count": "count"}
    fields = (
        *(Field(column.title, kinds.get(column.kind, "text")) for column in columns),  # type: ignore[arg-type]
        Field(words("Reasons")),
    )
    return Sheet(words("Reconciliation"), fields, _values(rows, columns, words))


def _columns(rows: pd.DataFrame, words: Words) -> tuple[details_table.Column, ...]:
    return view.columns(rows, words) if len(rows) else ()


def _values(
    rows: pd.DataFrame, columns: tuple[details_table.Column, ...], words: Words
) -> Iterator[tuple[Any, ...]]:
    for row in view.shown_rows(rows, words):
        yield (*(row[column.name] for column in columns), _reasons(row))


def _reasons(row: dict[str, Any]) -> str:
    return " ".join(reason["text"] for reason in row["reasons"])


def text_table(told: Told, words: Words) -> tuple[list[str], list[list[str]]]:
    """Return the head and the first rows of a table in text, each cell as a person reads it."""
    rows = told.differing.head(MOST_IN_TEXT)
    columns = _columns(rows, words)
    head = [*(column.title for column in columns), words("Reasons")]
    return head, [
        [*(details_table.cell(column, row, words) for column in columns), _reasons(row)]
        for row in view.shown_rows(rows, words)
    ]


def text_notes(told: Told, words: Words) -> list[str]:
    """Return what stands under that table."""
    return _notes(told, words, len(told.differing) - MOST_IN_TEXT)
