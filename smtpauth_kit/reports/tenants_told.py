"""What a report tells of several tenants: a row for each, whoever needs attention first first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from markupsafe import Markup

from smtpauth_kit import answers
from smtpauth_kit.answers.of_tenants import loaded_tenants, of_tenants
from smtpauth_kit.answers.questions import Answer
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.reports.pseudonyms import Pseudonyms
from smtpauth_kit.reports.rendering import render
from smtpauth_kit.reports.spreadsheets import Field, Sheet
from smtpauth_kit.reports.unusual import of_findings
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.views import details_table, sender_card
from smtpauth_kit.views import tenants as view
from smtpauth_kit.words.words import Words

MOST_ROWS: Final = 1_000
"""Tenants on a page, and in a report as text; a workbook has all."""

_KINDS: Final = {"count": "count", "date": "date"}


@of_tenants
def told(engine: Engine, filters: Filters) -> Answer | None:
    """Return the tenants side by side, on the days that are asked for; None where there is one.

    Of all senders, as findings and readiness are. Days not asked for are all loaded.

    Examples
    --------
    >>> from smtpauth_kit.base.filters import ALL
    >>> told(store, ALL) is None
    True
    """
    if len(loaded_tenants(engine)) < 2:
        return None
    asked, _ = of_findings(filters)
    return answers.ask(engine, "tenants", asked.changed(rules=(), severities=(), state="all"))


def renamed(answer: Answer, pseudonyms: Pseudonyms) -> Answer:
    """Return it with pseudonyms; among equals the new names settle the order."""
    rows, scope = answer.rows, answer.scope
    names = [pseudonyms.tenant(each) for each in rows["tenant"]]
    figures = [str(name) for name in rows.columns if str(name) != "tenant"]
    texts = rows[figures].astype(str)
    run = texts.ne(texts.shift()).any(axis=1).cumsum()
    shown = rows.assign(tenant=names, run=run).sort_values(["run", "tenant"], ignore_index=True)
    scope = replace(scope, filters=pseudonyms.filters(scope.filters), **pseudonyms.periods(scope))
    return replace(answer, rows=shown.drop(columns="run"), scope=scope)


def section(answer: Answer, words: Words) -> Markup:
    """Return the part of a report's page."""
    rows = view.shown_rows(answer, words)
    return render(
        "tenants.html",
        words,
        title=words(view.TITLE),
        finding=view.finding(answer, words),
        columns=view.columns(words),
        rows=rows[:MOST_ROWS],
        notes=_notes(answer, words, len(rows) - MOST_ROWS),
    )


def _notes(answer: Answer, words: Words, more: int) -> list[str]:
    scope = answer.scope
    if scope.start is None or scope.end is None:
        return []
    days = sender_card.days_text(scope.start, scope.end, words)
    said = [words("Days of UTC: {range}.", range=days)]
    return [*said, *([words("{n} more rows.", n=more)] if more > 0 else [])]


def sheet(answer: Answer, words: Words) -> Sheet:
    """Return a row for each tenant, with real numbers and days."""
    columns = view.columns(words)
    fields = tuple(Field(each.title, _KINDS.get(each.kind, "text")) for each in columns)  # type: ignore[arg-type]
    rows = view.shown_rows(answer, words)
    return Sheet(words("Tenants"), fields, [_cells(row, columns) for row in rows])


def _cells(row: dict[str, Any], columns: tuple[details_table.Column, ...]) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in columns)


def text_table(answer: Answer, words: Words) -> tuple[list[str], list[list[str]]]:
    """Return the head and the rows of a table in text, each cell as a person reads it."""
    columns = view.columns(words)
    rows = view.shown_rows(answer, words)[:MOST_ROWS]
    return [column.title for column in columns], [
        [details_table.cell(column, row, words) for column in columns] for row in rows
    ]
