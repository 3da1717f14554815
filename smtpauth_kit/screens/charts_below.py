"""The charts that stand below the chart of a view, asked of the store."""

from __future__ import annotations

from typing import Any

from smtpauth_kit.answers import Scope
from smtpauth_kit.answers.of_tenants import of_tenants
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.views import registry
from smtpauth_kit.views.over_days import parts_of
from smtpauth_kit.views.view import View
from smtpauth_kit.words.words import Words


@of_tenants
def charts_below(engine: Engine, view: str, scope: Scope, words: Words) -> list[dict[str, Any]]:
    """Return the charts that stand below a view: their data, sentences, and numbers as tables.

    Examples
    --------
    >>> from smtpauth_kit.words.words import speak
    >>> drawn = charts_below(store, "auth-protocol", settle_scope(store), speak("en"))
    >>> {chart["name"]: chart["columns"].get("message_count") for chart in drawn}
    {'auth-by-day': [2, 1], 'sender-changes': None}
    """
    return [_chart(engine, each, scope, words) for each in registry.below(view)]


def _chart(engine: Engine, view: View, scope: Scope, words: Words) -> dict[str, Any]:
    rows = view.ask(engine, scope)
    columns, values = view.data(rows, scope, words)
    title = words(view.title)
    return {
        "name": view.name,
        "title": title,
        "columns": columns,
        "values": values,
        "label": f"{title}: {view.finding(rows, words)}",
        "table": view.numbers(rows, words, parts_of(scope)),
    }
