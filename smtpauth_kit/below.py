"""The charts below a view's own: busiest senders and domains, senders by TLS, shares over time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pandas as pd

from smtpauth_kit import charts, tables
from smtpauth_kit.answers import TOP, Scope
from smtpauth_kit.schema import TLS_VERSIONS
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


# --- the same answers, of counts that were asked before ---------------------------------------


def added_up(name: str, daily: pd.DataFrame, senders: pd.DataFrame) -> pd.DataFrame:
    """Return the answer of a chart from `answers.daily` and `answers.senders` of one scope.

    Examples
    --------
    >>> from smtpauth_kit import answers
    >>> found = answers.scope(store)
    >>> daily, senders = answers.daily(store, found), answers.senders(store, found)
    >>> added_up("auth-by-day", daily, senders)["message_count"].tolist()
    [2, 1]
    """
    if name in SPLITS:
        keys = ["period_start", "period_end", SPLITS[name].column]
        return daily.groupby(keys, sort=True)["message_count"].sum().reset_index()
    if name == "senders-by-tls":
        return _used(senders)
    if name == "volume-by-sender":
        return _ranking(senders[["sender_address", "message_count"]], "sender_count")
    totals = daily.groupby("sender_domain", sort=True)["message_count"].sum().reset_index()
    busiest = totals.sort_values("message_count", ascending=False, kind="stable")
    return _ranking(busiest, "domain_count")


def _ranking(totals: pd.DataFrame, counted: str) -> pd.DataFrame:
    """Return the first rows, and one of all others; `totals` are busiest first."""
    name = totals.columns[0]
    head, rest = totals.head(TOP), totals.iloc[TOP:]
    others = [int(rest["message_count"].sum())] if len(rest) else []
    # Of objects: a column of text would have "not a number" for the name of all others.
    named = pd.Series([*head[name], *(None for _ in others)], dtype=object)
    counts = pd.Series([*head["message_count"], *others], dtype="int64")
    numbers = [*[1] * len(head), *(len(rest) for _ in others)]
    ranking = pd.DataFrame({name: named, counted: numbers, "message_count": counts})
    return ranking.assign(share=counts / max(1, counts.sum()))


def _used(senders: pd.DataFrame) -> pd.DataFrame:
    """Return how many senders used each TLS version, as `answers.senders_by_tls`."""
    names = {version: f"tls_{version.replace('.', '_')}_count" for version in TLS_VERSIONS}
    rows = [
        (version, users := int((senders[name] > 0).sum()), users / max(1, len(senders)))
        for version, name in names.items()
    ]
    columns = ["tls_version", "sender_count", "share"]
    return pd.DataFrame(rows if len(senders) else [], columns=columns)
