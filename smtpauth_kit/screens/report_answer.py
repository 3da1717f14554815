"""What the report screen shows of its answer: status line, chart, details table, or why nothing.

Plain functions that may run on any thread.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pandas as pd

from smtpauth_kit import answers
from smtpauth_kit.answers import Scope
from smtpauth_kit.answers.insight import totals
from smtpauth_kit.answers.of_tenants import loaded_tenants, only
from smtpauth_kit.answers.senders_page import SENDER_ORDERS, SendersPage, senders_page
from smtpauth_kit.answers.stored import domains
from smtpauth_kit.base.errors import KitError
from smtpauth_kit.base.names import DEFAULT_DAYS, TLS_VERSIONS
from smtpauth_kit.screens.report_question import (
    Days,
    ReportQuestion,
    Rows,
    chips,
    days_label,
    without,
)
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.views import details_table, json_rows
from smtpauth_kit.views.filter_words import source_title
from smtpauth_kit.views.notes import elsewhere, notes, without_hub
from smtpauth_kit.views.registry import NAMED
from smtpauth_kit.words.words import Words

PAGE_ROWS: Final = 50
"""Senders on one page of the details table."""


@dataclass(frozen=True)
class ReportAnswer:
    """The answer to a question of the report screen, and what the screen shows of it."""

    question: ReportQuestion
    shown: dict[str, Any]
    """What `report_screen.js` draws."""
    scope: Scope | None = None
    domains: tuple[str, ...] = ()
    """Every sender domain loaded of the tenants asked for, busiest first."""
    chart_rows: pd.DataFrame = field(default_factory=pd.DataFrame)
    page: SendersPage | None = None
    """The page of the details table on screen; None while the table is closed."""
    table_scope: Scope | None = None
    """What the details table holds for: the scope, or the brushed days of it."""
    tenants: tuple[str, ...] = ()
    """Every tenant loaded."""


def answer(engine: Engine, question: ReportQuestion, words: Words) -> ReportAnswer:
    """Ask the store what the screen is to show; an error that a user can mend is shown as words.

    `shown` also gets the digests of the question ("about") and of the same question for all
    sender domains ("base"): the browser tells by them which answers belong together.
    """
    known: tuple[str, ...] = ()
    try:
        known = loaded_tenants(engine.whole)
        answered = _answer(only(engine, question.filters.tenants), question, words)
    except KitError as error:
        shown = only_words(words.sentence(error), question, words)
        answered = ReportAnswer(question, shown)
    answered = replace(answered, tenants=known)
    for name, each in {"about": question, "base": question.of_domain("")}.items():
        answered.shown[name] = _digest(engine, each, words)
    return answered


def _digest(engine: Engine, question: ReportQuestion, words: Words) -> str:
    """Return a short text that is the same for equal questions to the same data in one language."""
    text = repr((engine.edition, words.language, question))
    return hashlib.blake2s(text.encode(), digest_size=12).hexdigest()


def only_words(text: str, question: ReportQuestion, words: Words) -> dict[str, Any]:
    """Return a screen that shows nothing but a sentence."""
    return {
        "view": question.view,
        "title": words(NAMED[question.view].title),
        "status": text,
        "line": "",
        "chips": [{"key": key, "text": text} for key, text in chips(question, words)],
        "notes": [],
        "finding": "",
        "empty": None,
        "days": _iso(question.days),
        "about": "",
        "base": "",
    }


def _answer(engine: Engine, question: ReportQuestion, words: Words) -> ReportAnswer:
    scope = answers.settle_scope(engine, question.filters)
    names = tuple(domains(engine)["sender_domain"])
    answered = ReportAnswer(question, only_words("", question, words), scope, names)
    if question.has_table and scope.start:
        answered = _with_page(engine, answered, scope)
    counts = _counts(engine, answered, scope)
    status = details_table.status(scope, *counts, words)
    line = details_table.line(scope, *counts, words)
    answered.shown.update(status=status, line=line, notes=notes(scope, words))
    if not counts[0]:
        empty = why_empty(engine, question, scope, words)
        return replace(answered, page=None, shown={**answered.shown, "empty": empty})
    if not question.as_table:
        answered = _with_chart(engine, answered, scope, words)
    if answered.page is not None:
        answered.shown["table"] = _table(answered.page, question, words)
    return answered


def _with_page(engine: Engine, answered: ReportAnswer, scope: Scope) -> ReportAnswer:
    days, rows = answered.question.days, answered.question.rows
    table_scope = scope if days is None else _narrowed(engine, scope, days)
    return replace(answered, page=_page(engine, table_scope, rows), table_scope=table_scope)


def _counts(engine: Engine, answered: ReportAnswer, scope: Scope) -> tuple[int, int]:
    """Return the messages and senders of the scope; a table of all of them has both already."""
    question, page = answered.question, answered.page
    if question.as_table and page is not None and not question.rows.search and not question.days:
        return int(page.totals["message_count"] or 0), page.row_count
    return totals(engine, scope)


def _narrowed(engine: Engine, scope: Scope, days: Days) -> Scope:
    """Return the scope of the brushed days, of the same source as the chart they are part of."""
    source = scope.source or "auto"
    return answers.settle_scope(
        engine, scope.filters.changed(start=days[0], end=days[1], as_of=None, source=source)
    )


SORTS: Final = {
    **{column: column for column in SENDER_ORDERS},
    **{f"tls_{v.replace('.', '_')}": f"tls_{v.replace('.', '_')}_share" for v in TLS_VERSIONS},
    **{f"{name}_count": f"{name}_share" for name in ("basic", "oauth", "unknown_auth")},
    "auth_protocol": "basic_share",
}
"""What senders are ordered by (a key of `SENDER_ORDERS`) for each column of the details table."""


def _page(engine: Engine, scope: Scope, rows: Rows) -> SendersPage:
    return senders_page(
        engine, scope, sort=SORTS[rows.sort], descending=rows.descending, search=rows.search,
        offset=rows.offset, limit=PAGE_ROWS, client_ips=rows.sort == "client_ip_count",
    )  # fmt: skip


def _with_chart(engine: Engine, answered: ReportAnswer, scope: Scope, words: Words) -> ReportAnswer:
    view = NAMED[answered.question.view]
    rows = view.ask(engine, scope)
    columns, values = view.data(rows, scope, words, answered.domains)
    finding = view.finding(rows, words)
    answered.shown.update(chart={"columns": columns, "values": values}, finding=finding)
    return replace(answered, chart_rows=rows)


def _table(page: SendersPage, question: ReportQuestion, words: Words) -> dict[str, Any]:
    total = pd.DataFrame([page.totals])
    columns = NAMED[question.view].columns(total, words)
    total_count = max(1, page.totals["message_count"] or 0)
    shares = {
        name.replace("_count", "_share"): None if count is None else count / total_count
        for name, count in page.totals.items()
        if name.startswith("tls_")
    }
    label = "" if question.days is None else days_label(question.days, words)
    return {
        **details_table.table_data(page.rows, columns),
        "totals": _plain({**page.totals, **shares, "sender_address": _total_label(page, words)}),
        "total": page.row_count,
        "offset": question.rows.offset,
        "sort": question.rows.sort,
        "descending": question.rows.descending,
        "search": question.rows.search,
        "label": label,
    }


def _total_label(page: SendersPage, words: Words) -> str:
    return words("Total of {n} senders", n=page.row_count)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Return one row as JSON can hold it."""
    return {name: cells[0] for name, cells in json_rows.columns(pd.DataFrame([row])).items()}


def why_empty(
    engine: Engine, question: ReportQuestion, scope: Scope, words: Words
) -> dict[str, Any]:
    """Say why no message matches, and which chip to take off: "drop" is its key.

    Where other sources hold messages under the same filters, "switches" offers each. Else the first
    chip that alone leaves out messages is named; else all are to be taken off.

    >>> question = ReportQuestion(Filters(source="server_log"))
    >>> scope = settle_scope(store, question.filters)
    >>> from smtpauth_kit.words.words import speak
    >>> found = why_empty(store, question, scope, speak("en"))
    >>> found["text"], found["switches"][0]["source"]
    ('0 messages in the server log; 3 messages in the submission log.', 'submission_log')
    """
    if scope.lacks_hub_log and (scope.newest is None or scope.accounts_from == "sign_ins"):
        return {"text": without_hub(words)}
    if scope.newest is None:
        return {
            "text": words(
                'Nothing is loaded yet. Load your exports: sk.load(store, "data/exports").'
            )
        }
    if held := elsewhere(scope, words):
        return {"text": held.text, "switches": [_switch(each, words) for each in held.sources]}
    for key, text in [*chips(question, words), ("range", "")]:
        looser = without(question, key).filters
        if looser != question.filters and (
            left_out := totals(engine, answers.settle_scope(engine, looser))[0]
        ):
            return _excluding(key, text, left_out, scope, words)
    return {
        "text": words("No messages match these choices together."),
        "drop": "all",
        "action": words("Take all off"),
    }


def _switch(source: str, words: Words) -> dict[str, str]:
    text = words("Show the {source}", source=source_title(source, words))
    return {"source": source, "text": text}


def _excluding(key: str, text: str, left_out: int, scope: Scope, words: Words) -> dict[str, str]:
    messages = words("{n} messages", n=left_out)
    if key == "range":
        said = words(
            "No messages on these days. Loaded are {start} to {end}.",
            start=words.date(scope.oldest),
            end=words.date(scope.newest),
        )
        action = words("Show the last {n} days loaded", n=DEFAULT_DAYS)
        return {"text": said, "drop": key, "action": action}
    said = words(
        "No messages match: “{choice}” leaves out all {messages}.", choice=text, messages=messages
    )
    return {"text": said, "drop": key, "action": words("Take “{choice}” off", choice=text)}


def _iso(days: Days | None) -> list[str] | None:
    return None if days is None else [day.isoformat() for day in days]
