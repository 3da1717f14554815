"""`smtpauth show`: an answer as a table, CSV or JSON, or the SQL that gives it."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filter_fields import About
from smtpauth_kit.base.filters import ALL, Filters, fields_about
from smtpauth_kit.base.names import ANSWERS
from smtpauth_kit.cli.options import (
    AsJson,
    StoreOption,
    opened,
    say_unknown_domains,
    with_filters,
)
from smtpauth_kit.cli.printing import as_text, print_columns, print_json, said, whole

if TYPE_CHECKING:
    from smtpauth_kit.answers import PlainAnswer
    from smtpauth_kit.store.rows import Rows
    from smtpauth_kit.views.notes import Note

UNTOLD: Final = "\u2013"
"""What stands where no source tells a figure."""

FORMATS: Final = ("table", "csv", "json", "sql")


@with_filters
def show(
    context: typer.Context,
    answer: Annotated[str, typer.Argument(help=f"One of: {', '.join(ANSWERS)}.")],
    filters: Filters,
    format: Annotated[str, typer.Option("--format", help="table, csv, json or sql.")] = "table",
    store: StoreOption = None,
    as_json: AsJson = False,
) -> None:
    """Answer a question: as a table, CSV, JSON or its SQL. Without a range: the last 7 days."""
    from smtpauth_kit import answers
    from smtpauth_kit.views.reproduce import complete_sql

    if format not in FORMATS:
        raise UsageError(
            "There is no format {format}. Expected {known}.",
            format=repr(format),
            known=list(FORMATS),
        )
    if answer not in ANSWERS:
        raise UsageError(
            "There is no answer {answer}. The answers are: {answers}.",
            answer=repr(answer),
            answers=list(ANSWERS),
        )
    _check_options(answer, filters)
    opened_store = opened(context, store)
    answered = answers.ask_plain(opened_store, answer, filters)
    say_unknown_domains(opened_store, filters)
    if as_json or format == "json":
        print_json(as_json_of(answered))
    elif format == "sql":
        print(complete_sql(opened_store, answer, answered.scope))
    elif format == "csv":
        _print_csv(answered)
    else:
        print_answer(answered)


_OWN: Final[dict[About, str]] = {
    "findings": "findings", "places": "who-else", "switch_off": "switch-off",
}  # fmt: skip
"""The answers that have options of their own, by what these choose."""


def _check_options(answer: str, filters: Filters) -> None:
    """Refuse an option that this answer has not: it would be taken to have chosen what is shown."""
    for field in fields_about(*_OWN):
        owner = _OWN[field.about]
        if owner != answer and getattr(filters, field.name) != getattr(ALL, field.name):
            raise UsageError(
                "{option} is an option of show {owner}. It chooses nothing of show {answer}: leave "
                "it out.",
                option=f"--{field.parameter.replace('_', '-')}",
                owner=owner,
                answer=answer,
            )


def as_json_of(answer: PlainAnswer) -> dict[str, Any]:
    """Return the one JSON object of an answer, with what it has beside its rows."""
    scope = answer.scope
    filters = {
        **scope.filters.as_dict(),
        "start": scope.start,
        "end": scope.end,
        "where": list(map(str, scope.filters.where)),
        "senders": [list(map(str, group)) for group in scope.filters.senders],
    }
    return {
        "answer": answer.name,
        "filters": filters,
        "source": scope.source,
        "cannot_tell": list(scope.cannot_tell),
        "not_shown": dict(scope.not_shown),
        "outside_window": [period.as_dict() for period in scope.outside_window],
        "overlapped": [period.as_dict() for period in scope.overlapped],
        "rows": None
        if not len(answer.rows.columns)
        else [{name: whole(value) for name, value in row.items()} for row in answer.rows.records()],
        **answer.beside,
    }


def _print_csv(answer: PlainAnswer) -> None:
    from smtpauth_kit.words.inert import inert_cell, show_steering

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(answer.rows.columns)
    for row in answer.rows:
        writer.writerow([show_steering(inert_cell(as_text(value))) for value in row])


def print_rows(rows: Rows, *, as_json: bool, beside: dict[str, Any]) -> None:
    """Print rows that are no answer by a name: as a table, or as JSON with what is beside them."""
    if as_json:
        told = [{name: whole(value) for name, value in row.items()} for row in rows.records()]
        print_json({**beside, "rows": told})
        return
    cells = {name: [_shown(value, name) for value in rows[name]] for name in rows.columns}
    print_columns(cells, [said("{n} {n:row|rows}.", n=len(rows))])


def print_answer(answer: PlainAnswer) -> None:
    """Print an answer as a table, with what has to be said of it below."""
    print_columns(_for_people(answer), _notes(answer))


def _for_people(answer: PlainAnswer) -> dict[str, list[str]]:
    """Return columns of text: count and share in one, what is zero throughout left out."""
    rows = answer.rows
    return {name: _cells(rows, name) for name in rows.columns if not _is_left_out(rows, name)}


def _is_left_out(rows: Rows, name: str) -> bool:
    """Return whether it is a share, told with its count, or a part that is zero throughout."""
    if name.endswith("_share") and name.replace("_share", "_count") in rows.columns:
        return True
    is_part = name.startswith("tls_") or name.endswith(("basic_count", "oauth_count", "auth_count"))
    return is_part and len(rows) > 0 and all(cell == 0 for cell in rows[name])


def _cells(rows: Rows, name: str) -> list[str]:
    share = name.replace("_count", "_share")
    if share == name or share not in rows.columns:
        is_figure = name.endswith(("_count", "_share"))
        return [
            UNTOLD if is_figure and value is None else _named(value, name) for value in rows[name]
        ]
    pairs = zip(rows[name], rows[share], strict=True)
    return [_of_all(count, part) for count, part in pairs]


def _of_all(count: int | None, part: float | None) -> str:
    """Return a count with its share of all, which may be untold though the count is known."""
    if count is None:
        return UNTOLD
    return f"{count:,}" if part is None else f"{count:,} ({part:.2%})"


def _named(value: Any, name: str = "") -> str:
    """Return a cell of text; figures that stand beside each other in one have their names."""
    if not isinstance(value, dict):
        return _shown(value, name)
    parts = (f"{key} {UNTOLD if n is None else _shown(n, key)}" for key, n in value.items())
    return "  ".join(parts)


def _shown(value: Any, name: str = "") -> str:
    """Return a value of a column, or of a part of one, as people read it: shares in percent."""
    from smtpauth_kit.words.inert import printable

    if isinstance(value, list) and value and all(isinstance(item, int) for item in value):
        return " ".join(map(str, value))
    if isinstance(value, list):
        return "\n".join(_shown(item, name) for item in value)
    if isinstance(value, dict):
        return "  ".join(
            UNTOLD if item is None else _shown(item, key) for key, item in value.items()
        )
    if isinstance(value, float) and name.endswith("share"):
        return f"{value:.2%}"
    is_count = isinstance(value, int) and not isinstance(value, bool)
    return f"{value:,}" if is_count else printable(as_text(value))


def _notes(answer: PlainAnswer) -> Iterator[str]:
    from smtpauth_kit.views.notes import counted_from, elsewhere, notes_of, without_hub
    from smtpauth_kit.words.words import speak

    scope = answer.scope
    if answer.name in ("files", "rejected"):
        yield said("{n} {n:row|rows}.", n=len(answer.rows))
        return
    words = speak("en")
    if answer.name == "findings":
        yield from _notes_of_findings(answer)
        return
    if answer.name == "reconciliation" and scope.start is not None:
        yield from _notes_of_reconciliation(answer)
        return
    if scope.start is None and scope.lacks_hub_log:
        yield without_hub(words)
        return
    if scope.start is None:
        yield "Nothing is loaded yet. Load an export: smtpauth load PATH"
        return
    # A report counts by days of UTC, whatever zone is asked for.
    zone = "UTC" if scope.source == "report" else scope.filters.timezone
    yield f"{scope.start} to {scope.end}, days of {zone}."
    if not len(answer.rows.columns):
        yield (
            "It cannot be told: not every day of the range and of as many days before is loaded "
            "from one source. Choose other days (--start, --end) or a source (--source)."
        )
    elif _is_empty(answer) and (held := elsewhere(scope, words)):
        yield _with_ways(held)
    elif not scope.source:
        what = "sign-ins" if answer.name == "sign-ins" else "messages"
        yield f"No {what} on these days. Loaded are {scope.oldest} to {scope.newest}."
    elif not len(answer.rows):
        yield "No rows match. Widen the dates (--start, --end), or load more exports."
    if statement := answer.beside.get("statement"):
        yield words.sentence(statement)
    if answer.name == "insight" and (text := counted_from(scope, words)):
        yield text
    yield from map(_with_ways, notes_of(scope, words))


def _notes_of_findings(answer: PlainAnswer) -> Iterator[str]:
    scope = answer.scope
    if scope.start is None:
        yield "Nothing is loaded yet. Load an export: smtpauth load PATH"
    elif not len(answer.rows) and scope.filters.changed(start=None, end=None) != ALL:
        yield f"No finding from {scope.start} to {scope.end} matches these filters."
    elif not len(answer.rows):
        yield f"Nothing unusual was found from {scope.start} to {scope.end}."
    else:
        found = said("{n} {n:finding|findings}", n=len(answer.rows))
        yield f"{found} from {scope.start} to {scope.end}, times of UTC."
    if over := answer.beside["exceptions_over"]:
        senders = ", ".join(each["sender_address"] for each in over)
        yield f"Past the day until which they were accepted: {senders} (smtpauth show readiness)."
    yield "What could not be checked, and why: smtpauth show findings --json (not_checked)."


def _notes_of_reconciliation(answer: PlainAnswer) -> Iterator[str]:
    scope = answer.scope
    yield f"{scope.start} to {scope.end}, days of UTC; sources compared: {scope.source or 'none'}."
    if not len(answer.rows):
        yield "Nothing to compare: no two sources tell of messages on the same days."
    else:
        left = sum(answer.rows["unexplained"])
        rows = said("{n} {n:row|rows}", n=len(answer.rows))
        yield f"{rows}; messages that nothing explains: {left:,}."
    if scope.outside_window:
        yield f"Report periods not wholly inside these days: {len(scope.outside_window):,}."


def _is_empty(answer: PlainAnswer) -> bool:
    """Tell whether an answer counts messages, and none is in it."""
    rows = answer.rows
    if answer.name == "insight":
        return not rows["message_count"][0]
    return answer.name in _COUNTING and not len(rows) and not answer.scope.filters.where


_COUNTING: Final = (
    "sending-volume", "tls-usage", "auth-usage", "tls-by-day", "auth-by-day", "volume-by-sender",
    "volume-by-domain", "senders-by-tls", "senders", "sender", "sign-ins",
)  # fmt: skip
"""Answers that have no row where no message is; a condition may leave none of theirs."""


def _with_ways(note: Note) -> str:
    """Return a note with the options that show what it is about."""
    ways = " or ".join(f"--source {source}" for source in note.sources)
    return f"{note.text} ({ways})" if ways else note.text
