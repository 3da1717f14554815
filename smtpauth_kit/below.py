"""The charts below a view's own: busiest senders and domains, senders by TLS, shares over time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pandas as pd

from smtpauth_kit import charts, tables
from smtpauth_kit.answers import Scope
from smtpauth_kit.splits import AUTH, TLS, Split
from smtpauth_kit.words import Words

DRAWN_BY: Final[dict[str, Callable[..., Any]]] = {
    "volume-by-sender": charts.volume_by_sender_chart,
    "volume-by-domain": charts.volume_by_domain_chart,
    "senders-by-tls": charts.senders_by_tls_chart,
    "tls-by-day": charts.tls_over_time_chart,
    "auth-by-day": charts.auth_over_time_chart,
}

HALF_WIDTH: Final = 460
"""Pixels of a picture that shares its line with another."""

BELOW: Final[dict[str, tuple[str, ...]]] = {
    "sending-volume": ("volume-by-sender", "volume-by-domain", "senders-by-tls"),
    "tls-usage": ("tls-by-day", "senders-by-tls"),
    "auth-protocol": ("auth-by-day",),
}

SPLITS: Final[dict[str, Split]] = {"tls-by-day": TLS, "auth-by-day": AUTH}
"""Those over time, and what they split each day by."""


def title(name: str, words: Words) -> str:
    """Return what a chart is called.

    >>> from smtpauth_kit.words import speak
    >>> title("tls-by-day", speak("en"))
    'TLS usage over time'
    """
    titles = {
        "volume-by-sender": words("Message volume by sender"),
        "volume-by-domain": words("Messages sent by domain"),
        "senders-by-tls": words("Senders by TLS protocol"),
        "tls-by-day": words("TLS usage over time"),
        "auth-by-day": words("Authentication over time"),
    }
    return titles[name]


def finding(name: str, rows: pd.DataFrame, words: Words) -> str:
    """Say in one sentence what a chart shows; `rows` is its answer."""
    if name in SPLITS:
        return tables.over_time_finding(rows, SPLITS[name], words)
    if name == "senders-by-tls":
        return tables.senders_by_tls_finding(rows, words)
    return tables.ranking_finding(rows, words)


def data(
    name: str, rows: pd.DataFrame, scope: Scope, words: Words
) -> tuple[dict[str, list[Any]], dict[str, Any]]:
    """Return what a chart is patched with: its columns and its named values."""
    if name in SPLITS:
        values = charts.split_values(SPLITS[name], rows, scope, scope.covered)
        return charts.columns(rows), values
    if name == "senders-by-tls":
        return charts.columns(rows), {}
    return charts.ranking_data(rows, words), {}
