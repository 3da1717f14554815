"""TLS usage and authentication: the share of messages, and of senders, by version or protocol."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import pandas as pd

from smtpauth_kit.views import details_table, drawing, shares
from smtpauth_kit.views.breakdowns import AUTH, TLS, Breakdown
from smtpauth_kit.views.view import View, columns_alone, named_by, part_of
from smtpauth_kit.words.words import Words

if TYPE_CHECKING:
    import altair as alt
else:
    from smtpauth_kit.views.altair_on_first_use import altair as alt


def tls_usage_chart(usage: pd.DataFrame, words: Words) -> alt.LayerChart:
    """Each TLS version's share of all messages in the period, with two decimals and its count.

    `usage` is what `answers.tls_usage` returns.
    """
    return shares.usage_chart(usage, TLS, words)


def auth_usage_chart(usage: pd.DataFrame, words: Words) -> alt.LayerChart:
    """Each authentication protocol's share of all messages in the period, with its count.

    `usage` is what `answers.auth_usage` returns.
    """
    return shares.usage_chart(usage, AUTH, words)


def senders_by_tls_chart(used: pd.DataFrame, words: Words) -> alt.LayerChart:
    """How many senders used each TLS version, and which share of all senders that is.

    `used` is what `answers.senders_by_tls` returns.
    """
    return shares.usage_chart(used, TLS, words, of="sender_count", heading=words("Senders"))


def tls_pie_chart(usage: pd.DataFrame, words: Words) -> alt.LayerChart:
    """Microsoft's pie of TLS usage as a ring; the list beside it names what is under 4 %."""
    base = shares.shares(alt.Chart(), TLS, words)
    return shares.ring(usage, base, drawing.breakdown_color(TLS), words)


def tls_finding(usage: pd.DataFrame, words: Words) -> str:
    """Say in one sentence what a TLS usage chart shows."""
    return _messages_finding(usage, TLS, words)


def auth_finding(usage: pd.DataFrame, words: Words) -> str:
    """Say in one sentence what an authentication chart shows.

    >>> from smtpauth_kit.words.words import speak
    >>> usage = pd.DataFrame({"auth_protocol": ["basic"], "message_count": [472], "share": [1.0]})
    >>> auth_finding(usage, speak("en"))
    'Basic auth: 100.00 % (472).'
    """
    return _messages_finding(usage, AUTH, words)


def senders_by_tls_finding(used: pd.DataFrame, words: Words) -> str:
    """Say in one sentence how many senders used each TLS version."""

    def part(share: float, count: int) -> str:
        return f"{words('{n} senders', n=count)} ({words.percent(share, 2)})"

    parts = _parts(used, TLS, "sender_count", part, words)
    if not parts:
        return words("No messages match.")
    return words("{parts}. One that used several counts for each.", parts=", ".join(parts))


def _messages_finding(usage: pd.DataFrame, breakdown: Breakdown, words: Words) -> str:
    def part(share: float, count: int) -> str:
        return part_of(share, count, words)

    parts = _parts(usage, breakdown, "message_count", part, words)
    return ", ".join(parts) + "." if parts else words("No messages match.")


def _parts(
    usage: pd.DataFrame,
    breakdown: Breakdown,
    counted: str,
    part: Callable[[float, int], str],
    words: Words,
) -> list[str]:
    """Return each value that occurs with its part, as "TLS 1.2: 75.00 % (9)"."""
    if usage.empty:
        return []
    titles = breakdown.titles(words)
    rows = zip(usage[breakdown.column], usage["share"], usage[counted], strict=True)
    return [f"{titles[value]}: {part(share, int(n))}" for value, share, n in rows if n]


TLS_USAGE: Final = View(
    name="tls-usage",
    title="TLS usage",
    answer="tls-usage",
    draw=tls_usage_chart,
    data=columns_alone,
    finding=tls_finding,
    field=TLS.column,
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
    data=columns_alone,
    finding=auth_finding,
    field=AUTH.column,
    heading=AUTH.heading,
    names=named_by(AUTH),
    figure="usage",
    details=details_table.auth_columns,
)

SENDERS_BY_TLS: Final = View(
    name="senders-by-tls",
    title="Senders by TLS protocol",
    answer="senders-by-tls",
    draw=senders_by_tls_chart,
    data=columns_alone,
    finding=senders_by_tls_finding,
    field=TLS.column,
    heading=TLS.heading,
    names=named_by(TLS),
    figure="senders",
    below=("sending-volume", "tls-usage"),
    is_half=True,
)
