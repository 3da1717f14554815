"""How many senders used each TLS version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import pandas as pd

from smtpauth_kit.answers import Scope
from smtpauth_kit.views import charts
from smtpauth_kit.views.breakdowns import TLS, tls_titles
from smtpauth_kit.views.view import Data, View, named_by
from smtpauth_kit.words.words import Words

if TYPE_CHECKING:
    import altair as alt
else:
    from smtpauth_kit.views.altair_on_first_use import altair as alt


def senders_by_tls_chart(used: pd.DataFrame, words: Words) -> alt.LayerChart:
    """How many senders used each TLS version, and which share of all senders that is.

    `used` is what `answers.senders_by_tls` returns.
    """
    return charts.usage_chart(used, TLS, words, of="sender_count", heading=words("Senders"))


def senders_by_tls_finding(used: pd.DataFrame, words: Words) -> str:
    """Say in one sentence how many senders used each TLS version."""
    rows = used[used["sender_count"] > 0] if len(used) else used
    if rows.empty:
        return words("No messages match.")
    titles = tls_titles(words)
    parts = [
        f"{titles[version]}: {words('{n} senders', n=int(count))} ({words.percent(share, 2)})"
        for version, count, share in zip(
            rows["tls_version"], rows["sender_count"], rows["share"], strict=True
        )
    ]
    return words("{parts}. One that used several counts for each.", parts=", ".join(parts))


def _data(rows: pd.DataFrame, scope: Scope, words: Words, known: Sequence[str] = ()) -> Data:
    return charts.columns(rows), {}


SENDERS_BY_TLS: Final = View(
    name="senders-by-tls",
    title="Senders by TLS protocol",
    answer="senders-by-tls",
    draw=senders_by_tls_chart,
    data=_data,
    finding=senders_by_tls_finding,
    field="tls_version",
    heading=TLS.heading,
    names=named_by(TLS),
    figure="senders",
    below=("sending-volume", "tls-usage"),
    is_half=True,
)
