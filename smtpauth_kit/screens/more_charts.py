"""The charts below a view's own, asked of the store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from smtpauth_kit import answers, below, tables
from smtpauth_kit.answers import Scope
from smtpauth_kit.store import Engine
from smtpauth_kit.words import Words

_ANSWERS: Final[dict[str, Callable[..., Any]]] = {
    "volume-by-sender": answers.volume_by_sender,
    "volume-by-domain": answers.volume_by_domain,
    "senders-by-tls": answers.senders_by_tls,
    "tls-by-day": answers.tls_by_day,
    "auth-by-day": answers.auth_by_day,
}


def more_charts(engine: Engine, view: str, scope: Scope, words: Words) -> list[dict[str, Any]]:
    """Return what the charts below a view are patched with, and its numbers as a table.

    Examples
    --------
    >>> from smtpauth_kit.words import speak
    >>> drawn = more_charts(store, "auth-protocol", answers.scope(store), speak("en"))
    >>> [(chart["name"], chart["columns"]["message_count"]) for chart in drawn]
    [('auth-by-day', [2, 1])]
    """
    return [_chart(engine, name, scope, words) for name in below.BELOW[view]]


def _chart(engine: Engine, name: str, scope: Scope, words: Words) -> dict[str, Any]:
    rows = _ANSWERS[name](engine, scope)
    columns, values = below.data(name, rows, scope, words)
    title = below.title(name, words)
    label = f"{title}: {below.finding(name, rows, words)}"
    return {"name": name, "title": title, "columns": columns, "values": values, "label": label,
            "table": tables.chart_table(rows, words)}  # fmt: skip
