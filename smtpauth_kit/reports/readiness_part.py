"""Readiness as HTML that needs no kernel: who stops, the weeks until it, who is silent."""

from __future__ import annotations

from typing import Any, Final

from markupsafe import Markup

from smtpauth_kit import answers
from smtpauth_kit.answers.of_tenants import of_tenants
from smtpauth_kit.base.filters import ALL, Filters
from smtpauth_kit.reports.readiness_told import Told, remarks
from smtpauth_kit.reports.rendering import picture, render
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.views import burn_down, quiet, readiness, switch_off
from smtpauth_kit.views.notes import notes
from smtpauth_kit.views.readiness import Ready
from smtpauth_kit.words.words import Words, speak

MOST: Final = 200
"""Rows of each list; of more it is said how many."""

MOST_ON_PAGE: Final = 25
"""Senders on the page of a report, the hardest first: it has much else, and a workbook has all."""


@of_tenants
def readiness_fragment(engine: Engine, filters: Filters = ALL, language: str = "en") -> Markup:
    """Return readiness, to stand in a page that has the look: the weeks, then the lists.

    Raises
    ------
    UsageError
        The filters are none that readiness has.
    """
    words, ready = speak(language), readiness.find(engine, filters)
    return readiness_section(
        ready,
        words,
        below=_below(engine, filters.changed(where=()), words),
        empty=readiness.why_empty(ready, filters, words).get("text", ""),
        notes=notes(ready.scope, words),
    )


def page_section(told: Told, words: Words, *, paper: bool = False) -> Markup:
    """Return the part of a report's page about readiness."""
    ready = told.ready
    said = [*remarks(told, words), *(notes(ready.scope, words) if ready.scope.source else ())]
    empty = readiness.why_empty(ready, ready.scope.filters, words).get("text", "")
    most = MOST if paper else MOST_ON_PAGE
    return readiness_section(ready, words, most, empty=empty, notes=said, paper=paper, is_part=True)


def _below(engine: Engine, filters: Filters, words: Words) -> list[dict[str, Any]]:
    """Return who went quiet, and mailboxes never seen."""
    found = []
    for name, title, rows_of, columns in quiet.LISTS:
        answer = answers.ask(engine, name, filters)
        rows = rows_of(answer, words)
        found.append(
            {
                "title": words(title),
                "statement": quiet.statement(answer, words),
                "empty": quiet.why_none(answer, words),
                "columns": columns(words),
                "rows": rows.to_dict("records")[:MOST],
                "more": max(0, len(rows) - MOST),
            }
        )
    return found


def readiness_section(ready: Ready, words: Words, most: int = MOST, **more: Any) -> Markup:
    """Draw readiness: its weeks as pictures and a table, a switch-off, `most` senders at stake.

    `more` has what stands beside them: below (lists), empty (why there is none), notes, and paper
    (whether nothing can be opened), is_part (whether it is a part of a report's page).
    """
    rows = readiness.rows(ready.rows, words).to_dict("records")
    off = ready.switch_off.beside
    return render(
        "readiness.html",
        words,
        is_loaded=ready.is_anything_loaded and ready.scope.source is not None,
        summary=readiness.summary(ready, words, is_status=not more.get("is_part")),
        statement=burn_down.statement(ready, words),
        pictures=_pictures(ready, words),
        help=burn_down.help_text(ready, words),
        week_columns=burn_down.columns(words),
        weeks=burn_down.table_rows(ready, words).to_dict("records"),
        off=[each["text"] for each in switch_off.choices(ready, words) if each["is_off"]],
        off_statement=words.told(off["statement"]),
        way_columns=switch_off.way_columns(words),
        ways=switch_off.ways(ready, words),
        later=off["due_later"],
        exceptions=readiness.exceptions(ready, words),
        columns=[c for c in readiness.columns_said(ready.rows, words) if c.name != "way_text"],
        rows=rows[:most],
        more=max(0, len(rows) - most),
        **{"below": (), "empty": "", "notes": (), "paper": False, "is_part": False, **more},
    )


def _pictures(ready: Ready, words: Words) -> list[tuple[str, Markup]]:
    """Return the charts of the weeks, each with its heading; none where no week is loaded."""
    if not len(ready.burn_down.rows):
        return []
    return [
        (words(heading), picture(draw, *burn_down.data(name, ready, words), words))
        for (name, draw), heading in zip(
            burn_down.CHARTS.items(), burn_down.HEADINGS.values(), strict=True
        )
    ]
