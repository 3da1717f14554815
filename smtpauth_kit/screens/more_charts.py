"""The charts below a view's own: busiest senders and domains, senders by TLS, shares over time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from smtpauth_kit import answers, charts, tables
from smtpauth_kit.answers import Scope
from smtpauth_kit.splits import AUTH, TLS
from smtpauth_kit.store import Engine
from smtpauth_kit.words import Words

DRAWN_BY: Final[dict[str, Callable[..., Any]]] = {
    "volume-by-sender": charts.volume_by_sender_chart,
    "volume-by-domain": charts.volume_by_domain_chart,
    "senders-by-tls": charts.senders_by_tls_chart,
    "tls-by-day": charts.tls_over_time_chart,
    "auth-by-day": charts.auth_over_time_chart,
}

_BELOW: Final = {
    "sending-volume": ("volume-by-sender", "volume-by-domain", "senders-by-tls"),
    "tls-usage": ("tls-by-day", "senders-by-tls"),
    "auth-protocol": ("auth-by-day",),
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
    return [_chart(engine, name, scope, words) for name in _BELOW[view]]


def _chart(engine: Engine, name: str, scope: Scope, words: Words) -> dict[str, Any]:
    titles = {
        "volume-by-sender": words("Message volume by sender"),
        "volume-by-domain": words("Messages sent by domain"),
        "senders-by-tls": words("Senders by TLS protocol"),
        "tls-by-day": words("TLS usage over time"),
        "auth-by-day": words("Authentication over time"),
    }
    values: dict[str, Any] = {}
    if name in ("volume-by-sender", "volume-by-domain"):
        ask = answers.volume_by_sender if name == "volume-by-sender" else answers.volume_by_domain
        rows = ask(engine, scope)
        columns = charts.ranking_data(rows, words)
        label = tables.ranking_finding(rows, words)
    elif name == "senders-by-tls":
        columns = charts.columns(rows := answers.senders_by_tls(engine, scope))
        label = tables.senders_by_tls_finding(rows, words)
    else:
        split, by_day = (
            (TLS, answers.tls_by_day) if name == "tls-by-day" else (AUTH, answers.auth_by_day)
        )
        columns = charts.columns(rows := by_day(engine, scope))
        values = charts.split_values(split, rows, scope, scope.covered)
        label = tables.over_time_finding(rows, split, words)
    title = titles[name]
    return {"name": name, "title": title, "columns": columns, "values": values,
            "label": f"{title}: {label}", "table": tables.chart_table(rows, words)}  # fmt: skip
