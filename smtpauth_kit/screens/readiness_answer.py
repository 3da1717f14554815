"""What the readiness screen shows: senders at stake, a switch-off, the weeks, who is silent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from smtpauth_kit.answers.of_tenants import of_tenants
from smtpauth_kit.answers.questions import Answer, ask
from smtpauth_kit.answers.stored import domains
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.views import burn_down, quiet, readiness, switch_off
from smtpauth_kit.views.details_table import Column, table_data
from smtpauth_kit.views.notes import notes
from smtpauth_kit.views.readiness import Ready
from smtpauth_kit.views.source_choice import source_choices
from smtpauth_kit.words.words import Words


@dataclass(frozen=True)
class ReadinessAnswer:
    """Readiness under some filters, and what the screen shows of it."""

    ready: Ready
    shown: dict[str, Any]
    """What `readiness_screen.js` draws."""


@of_tenants
def answer(
    engine: Engine, filters: Filters, words: Words, order: Sequence[str] = ()
) -> ReadinessAnswer:
    """Ask who stops; senders in `order` stand in that order, the others after them."""
    ready = readiness.find(engine, filters)
    shown = {
        **only_words(readiness.summary(ready, words), words),
        "domains": list(domains(engine)["sender_domain"]),
        "sources": source_choices(ready.scope, words),
        "empty": readiness.why_empty(ready, filters, words) or None,
        "notes": notes(ready.scope, words) if ready.is_anything_loaded else [],
        "exceptions": readiness.exceptions(ready, words),
        "can_save": engine.settings_place is not None,
    }
    if ready.is_anything_loaded and ready.scope.source is not None:
        shown |= {"off": _off(ready, words), "weeks": _weeks(ready, words)}
    if len(ready.rows):
        rows = in_order(readiness.rows(ready.rows, words), order)
        shown["table"] = table_data(rows, readiness.columns(words, rows))
    return ReadinessAnswer(ready, shown)


def in_order(rows: pd.DataFrame, order: Sequence[str]) -> pd.DataFrame:
    """Return rows of senders in an order that somebody knows; those not in it come last.

    Examples
    --------
    >>> rows = pd.DataFrame({"sender_address": ["new@x.example", "b@x.example", "a@x.example"]})
    >>> in_order(rows, ["a@x.example", "b@x.example"])["sender_address"].tolist()
    ['a@x.example', 'b@x.example', 'new@x.example']
    """
    places = {address: n for n, address in enumerate(order)}
    by = rows["sender_address"].map(lambda address: places.get(address, len(places)))
    return rows.iloc[by.argsort(kind="stable")].reset_index(drop=True) if places else rows


def only_words(text: str, words: Words) -> dict[str, Any]:
    """Return a screen that shows nothing but a sentence."""
    return {
        "title": words("Senders at stake"), "status": text, "empty": None, "notes": [],
        "exceptions": [], "domains": [], "sources": [], "can_save": False,
    }  # fmt: skip


def _off(ready: Ready, words: Words) -> dict[str, Any]:
    beside = ready.switch_off.beside
    ways, stopping = switch_off.ways(ready, words), switch_off.rows(ready, words)
    return {
        "choices": switch_off.choices(ready, words),
        "on": beside["on"].isoformat(),
        "statement": words.told(beside["statement"]),
        "later": list(beside["due_later"]),
        "ways": table_data(pd.DataFrame(ways), switch_off.way_columns(words)) if ways else None,
        "senders": table_data(stopping, switch_off.columns(words)) if ways else None,
    }


def _weeks(ready: Ready, words: Words) -> dict[str, Any]:
    charts = []
    for name, heading in burn_down.HEADINGS.items() if len(ready.burn_down.rows) else ():
        columns, values = burn_down.data(name, ready, words)
        charts.append(
            {"name": name, "heading": words(heading), "columns": columns, "values": values}
        )
    return {
        "statement": burn_down.statement(ready, words),
        "help": burn_down.help_text(ready, words),
        "charts": charts,
        "table": {**burn_down.table(ready, words), "label": words("Burn-down by week")},
    }


# --- below ------------------------------------------------------------------------------------


@of_tenants
def below(engine: Engine, filters: Filters, words: Words) -> dict[str, Any]:
    """Return what stands below: who fell silent, and mailboxes that nobody ever saw."""
    plain = filters.changed(where=())
    return {"parts": [_part(engine, plain, words, *each) for each in quiet.LISTS]}


def _part(
    engine: Engine, filters: Filters, words: Words, name: str, title: str,
    rows_of: Callable[[Answer, Words], pd.DataFrame],
    columns: Callable[[Words], tuple[Column, ...]],
) -> dict[str, Any]:  # fmt: skip
    answered = ask(engine, name, filters)
    rows = rows_of(answered, words)
    return {
        "name": name,
        "title": words(title),
        "statement": quiet.statement(answered, words),
        "empty": quiet.why_none(answered, words),
        "table": table_data(rows, columns(words)) if len(rows) else None,
    }


# --- the flyout of a sender -----------------------------------------------------------------


def sender_told(ready: Ready, address: str, words: Words) -> dict[str, Any] | None:
    """Return what the flyout shows of one sender; None: it is not in the list."""
    found = ready.rows[ready.rows["sender_address"] == address]
    if not len(found):
        return None
    fields = [field.as_dict() for field in readiness.fields(words)]
    rows = table_data(readiness.rows(found.iloc[:1], words), readiness.fields(words))["rows"]
    return {
        "title": address,
        "sender": address,
        "fields": fields,
        "row": {name: values[0] for name, values in rows.items()},
        "more": words("Everything about {sender}", sender=address),
    }


def written(typed: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return the sender, the field and the text of an edit; a browser may send anything."""
    sender, field, text = (str(typed.get(name) or "") for name in ("sender", "field", "text"))
    return sender, "state" if field == "state_text" else field, text
