"""What the report screen asks, and all it shows of the answer; plain functions, on any thread."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pandas as pd

from smtpauth_kit import answers
from smtpauth_kit.answers import Scope
from smtpauth_kit.answers.insight import totals
from smtpauth_kit.answers.senders_page import SENDER_ORDERS, SendersPage, senders_page
from smtpauth_kit.answers.stored import domains
from smtpauth_kit.base.errors import KitError
from smtpauth_kit.base.filter_fields import DAY
from smtpauth_kit.base.filters import FIELDS, Filters
from smtpauth_kit.base.names import DEFAULT_DAYS, TLS_VERSIONS
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.views import charts, details_table, filter_words
from smtpauth_kit.views.notes import notes
from smtpauth_kit.views.registry import CHOICES, NAMED
from smtpauth_kit.words.words import Words

PAGE_ROWS: Final = 50

Days = tuple[dt.date, dt.date]


@dataclass(frozen=True)
class Rows:
    """Which rows of the details table are on screen."""

    sort: str = "message_count"
    descending: bool = True
    search: str = ""
    offset: int = 0


@dataclass(frozen=True)
class Asked:
    """All that settles what the report shows; equal ones show the same."""

    filters: Filters = field(default_factory=Filters)
    view: str = CHOICES[0]
    as_table: bool = False
    days: Days | None = None
    """Days brushed over in the chart: the table is of these only."""
    rows: Rows = field(default_factory=Rows)

    @property
    def has_table(self) -> bool:
        """Tell whether the details table is on screen."""
        return self.as_table or self.days is not None

    def of_domain(self, domain: str) -> Asked:
        """Return the question that choosing a domain asks; "" is all of them.

        >>> Asked().of_domain("contoso.com").filters.domains
        ('contoso.com',)
        """
        filters = self.filters.changed(domains=(domain,) if domain else ())
        return replace(self, filters=filters, days=None, rows=replace(self.rows, offset=0))


@dataclass(frozen=True)
class Told:
    """What came of it."""

    asked: Asked
    shown: dict[str, Any]
    scope: Scope | None = None
    domains: tuple[str, ...] = ()
    answer: pd.DataFrame = field(default_factory=pd.DataFrame)
    page: SendersPage | None = None
    table_scope: Scope | None = None


def answer(engine: Engine, asked: Asked, words: Words) -> Told:
    """Ask the store what the screen is to show; what a user can put right is shown as words."""
    try:
        told = _answer(engine, asked, words)
    except KitError as error:
        told = Told(asked, only_words(words.sentence(error), asked, words))
    for name, question in {"about": asked, "base": asked.of_domain("")}.items():
        told.shown[name] = _digest(engine, question, words)
    return told


def _digest(engine: Engine, asked: Asked, words: Words) -> str:
    """Return a short name of a question to one edition of a store: who has it has its answer."""
    text = repr((engine.edition, words.language, asked))
    return hashlib.blake2s(text.encode(), digest_size=12).hexdigest()


def only_words(text: str, asked: Asked, words: Words) -> dict[str, Any]:
    """Return a screen that shows nothing but a sentence."""
    return {
        "view": asked.view,
        "title": words(NAMED[asked.view].title),
        "status": text,
        "chips": chips(asked, words),
        "notes": [],
        "finding": "",
        "empty": None,
        "days": _iso(asked.days),
        "about": "",
        "base": "",
    }


def _answer(engine: Engine, asked: Asked, words: Words) -> Told:
    scope = answers.settle_scope(engine, asked.filters)
    names = tuple(domains(engine)["sender_domain"])
    told = Told(asked, only_words("", asked, words), scope, names)
    table_scope = scope if asked.days is None else _narrowed(engine, scope, asked.days)
    if asked.has_table and scope.start:
        told = replace(told, page=_page(engine, table_scope, asked.rows), table_scope=table_scope)
    if asked.as_table and told.page is not None and not asked.rows.search and not asked.days:
        counts = int(told.page.totals["message_count"] or 0), told.page.row_count
    else:
        counts = totals(engine, scope)
    told.shown.update(status=details_table.status(scope, *counts, words), notes=notes(scope, words))
    if not counts[0]:
        empty = nothing(engine, asked, scope, words)
        return replace(told, page=None, shown={**told.shown, "empty": empty})
    if not asked.as_table:
        told = _with_chart(engine, told, scope, words)
    if told.page is not None:
        told.shown["table"] = _table(told.page, asked, words)
    return told


def _narrowed(engine: Engine, scope: Scope, days: Days) -> Scope:
    """Return the scope of some of its days, from the same source: their sum is in the chart."""
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
"""The columns of the details table, and what senders are ordered by for each."""


def _page(engine: Engine, scope: Scope, rows: Rows) -> SendersPage:
    return senders_page(
        engine, scope, sort=SORTS[rows.sort], descending=rows.descending, search=rows.search,
        offset=rows.offset, limit=PAGE_ROWS, client_ips=rows.sort == "client_ip_count",
    )  # fmt: skip


def _with_chart(engine: Engine, told: Told, scope: Scope, words: Words) -> Told:
    view = NAMED[told.asked.view]
    rows = view.ask(engine, scope)
    columns, values = view.data(rows, scope, words, told.domains)
    finding = view.finding(rows, words)
    told.shown.update(chart={"columns": columns, "values": values}, finding=finding)
    return replace(told, answer=rows)


def _table(page: SendersPage, asked: Asked, words: Words) -> dict[str, Any]:
    total = pd.DataFrame([page.totals])
    columns = NAMED[asked.view].columns(total, words)
    shares = {
        name.replace("_count", "_share"): count / max(1, page.totals["message_count"] or 0)
        for name, count in page.totals.items()
        if name.startswith("tls_")
    }
    label = "" if asked.days is None else words("Table: {range}", range=_range(*asked.days, words))
    return {
        **details_table.table_data(page.rows, columns),
        "totals": _plain({**page.totals, **shares, "sender_address": _total_label(page, words)}),
        "total": page.row_count,
        "offset": asked.rows.offset,
        "sort": asked.rows.sort,
        "descending": asked.rows.descending,
        "search": asked.rows.search,
        "label": label,
    }


def _total_label(page: SendersPage, words: Words) -> str:
    return words("Total of {n} senders", n=page.row_count)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Return one row ready for JSON."""
    return {name: cells[0] for name, cells in charts.columns(pd.DataFrame([row])).items()}


# --- what narrows the view, and what to take off when nothing is left ------------------------

_DROPPED: Final[dict[str, dict[str, Any]]] = {
    **{field.name: {field.name: field.default} for field in FIELDS},
    "range": {field.name: None for field in FIELDS if field.kind is DAY},
}


def without(asked: Asked, key: str) -> Asked:
    """Return the question without one of its chips, or without any for "all".

    >>> without(Asked(Filters(domains=("contoso.com",))), "domains").filters.domains
    ()
    """
    if key == "all":
        return replace(asked, filters=Filters(), days=None, rows=Rows())
    if key == "days":
        return replace(asked, days=None, rows=replace(asked.rows, offset=0))
    if key == "search":
        return replace(asked, rows=Rows())
    if key not in _DROPPED:
        return asked
    return replace(asked, filters=asked.filters.changed(**_DROPPED[key]), rows=Rows())


def chips(asked: Asked, words: Words) -> list[dict[str, str]]:
    """Return what narrows the view: a key to take it off with, and its text."""
    return [{"key": key, "text": text} for key, text in _active(asked, words)]


def _active(asked: Asked, words: Words) -> Iterator[tuple[str, str]]:
    filters = asked.filters
    if filters.start or filters.end or filters.as_of:
        yield "range", _range(filters.start, filters.end or filters.as_of, words)
    yield from filter_words.chips(filters, words)
    if asked.days is not None:
        yield "days", words("Table: {range}", range=_range(*asked.days, words))


def _range(start: dt.date | None, end: dt.date | None, words: Words) -> str:
    if start == end:
        return words.date(start)
    if start is None:
        return words("{n} days to {end}", n=DEFAULT_DAYS, end=words.date(end))
    if end is None:
        return words("from {start}", start=words.date(start))
    return words("{start} to {end}", start=words.date(start), end=words.date(end))


def nothing(engine: Engine, asked: Asked, scope: Scope, words: Words) -> dict[str, str]:
    """Say why there is nothing, and which choice to take off: its key, and what that is called.

    >>> asked = Asked(Filters(source="server_log"))
    >>> scope = settle_scope(store, asked.filters)
    >>> from smtpauth_kit.words.words import speak
    >>> nothing(store, asked, scope, speak("en"))["text"]
    'No messages match: “Source: server log” leaves out all 3 messages.'
    """
    if scope.newest is None:
        return {
            "text": words(
                'Nothing is loaded yet. Load your exports: sk.load(store, "data/exports").'
            )
        }
    for key, text in [*_active(asked, words), ("range", "")]:
        looser = without(asked, key).filters
        if looser != asked.filters and (
            found := totals(engine, answers.settle_scope(engine, looser))[0]
        ):
            return _excluding(key, text, found, scope, words)
    return {
        "text": words("No messages match these choices together."),
        "drop": "all",
        "action": words("Take all off"),
    }


def _excluding(key: str, text: str, found: int, scope: Scope, words: Words) -> dict[str, str]:
    messages = words("{n} messages", n=found)
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
