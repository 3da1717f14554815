"""TLS usage and authentication: each version's or protocol's share of all messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import pandas as pd

from smtpauth_kit.answers import Scope
from smtpauth_kit.views import charts, details_table, drawing
from smtpauth_kit.views.breakdowns import AUTH, TLS, Breakdown
from smtpauth_kit.views.view import Data, View, named_by, part_of
from smtpauth_kit.words.words import Words

if TYPE_CHECKING:
    import altair as alt
else:
    from smtpauth_kit.views.altair_on_first_use import altair as alt


def tls_usage_chart(usage: pd.DataFrame, words: Words) -> alt.LayerChart:
    """Each TLS version's share of all messages in the period, with two decimals and its count.

    `usage` is what `answers.tls_usage` returns.
    """
    return charts.usage_chart(usage, TLS, words)


def auth_usage_chart(usage: pd.DataFrame, words: Words) -> alt.LayerChart:
    """Each authentication protocol's share of all messages in the period, with its count.

    `usage` is what `answers.auth_usage` returns.
    """
    return charts.usage_chart(usage, AUTH, words)


def tls_pie_chart(usage: pd.DataFrame, words: Words) -> alt.LayerChart:
    """Microsoft's pie of TLS usage as a ring; the list beside it names what is under 4 %."""
    base = charts.shares(alt.Chart(), TLS, words)
    return charts.ring(usage, base, drawing.breakdown_color(TLS), words)


def tls_finding(usage: pd.DataFrame, words: Words) -> str:
    """Say in one sentence what a TLS usage chart shows."""
    return _finding(usage, TLS, words)


def auth_finding(usage: pd.DataFrame, words: Words) -> str:
    """Say in one sentence what an authentication chart shows.

    >>> from smtpauth_kit.words.words import speak
    >>> usage = pd.DataFrame({"auth_protocol": ["basic"], "message_count": [472], "share": [1.0]})
    >>> auth_finding(usage, speak("en"))
    'Basic auth: 100.00 % (472).'
    """
    return _finding(usage, AUTH, words)


def _finding(usage: pd.DataFrame, breakdown: Breakdown, words: Words) -> str:
    used = usage[usage["message_count"] > 0] if len(usage) else usage
    if used.empty:
        return words("No messages match.")
    titles = breakdown.titles(words)
    parts = [
        f"{titles[value]}: {part_of(share, count, words)}"
        for value, share, count in zip(
            used[breakdown.column], used["share"], used["message_count"], strict=True
        )
    ]
    return ", ".join(parts) + "."


def _data(rows: pd.DataFrame, scope: Scope, words: Words, known: Sequence[str] = ()) -> Data:
    return charts.columns(rows), {}


TLS_USAGE: Final = View(
    name="tls-usage",
    title="TLS usage",
    answer="tls-usage",
    draw=tls_usage_chart,
    data=_data,
    finding=tls_finding,
    field="tls_version",
    heading=TLS.heading,
    names=named_by(TLS),
    figure="usage",
    details=details_table.tls_columns,
)

AUTH_PROTOCOL: Final = View(
    name="auth-protocol",
    title="Authentication protocol",
    answer="auth-usage",
    draw=auth_usage_chart,
    data=_data,
    finding=auth_finding,
    field="auth_protocol",
    heading=AUTH.heading,
    names=named_by(AUTH),
    figure="usage",
    details=details_table.auth_columns,
)
