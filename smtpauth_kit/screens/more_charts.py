"""The charts below a view's own, asked of the store."""

from __future__ import annotations

from typing import Any

from smtpauth_kit import below, tables
from smtpauth_kit.answers import Scope
from smtpauth_kit.answers.questions import QUESTIONS
from smtpauth_kit.engine import Engine
from smtpauth_kit.words import Words


def more_charts(engine: Engine, view: str, scope: Scope, words: Words) -> list[dict[str, Any]]:
    """Return what the charts below a view are patched with, and its numbers as a table.

    Examples
    --------
    >>> from smtpauth_kit.words import speak
    >>> drawn = more_charts(store, "auth-protocol", settle_scope(store), speak("en"))
    >>> [(chart["name"], chart["columns"]["message_count"]) for chart in drawn]
    [('auth-by-day', [2, 1])]
    """
    return [_chart(engine, name, scope, words) for name in below.BELOW[view]]


def _chart(engine: Engine, name: str, scope: Scope, words: Words) -> dict[str, Any]:
    rows = QUESTIONS[name](engine, scope)
    columns, values = below.data(name, rows, scope, words)
    title = below.title(name, words)
    label = f"{title}: {below.finding(name, rows, words)}"
    return {"name": name, "title": title, "columns": columns, "values": values, "label": label,
            "table": tables.chart_table(rows, words)}  # fmt: skip
