"""Sending volume: messages per day and sender domain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from smtpauth_kit import answers, charts, tables
from smtpauth_kit.answers import Scope
from smtpauth_kit.views.view import Data, View
from smtpauth_kit.words import Words


def volume_finding(volume: pd.DataFrame, words: Words) -> str:
    """Say in one sentence what a sending volume chart shows."""
    if volume.empty or not volume["message_count"].sum():
        return words("No messages match.")
    by_domain = volume.groupby("sender_domain")["message_count"].sum()
    top = by_domain.sort_values(ascending=False, kind="stable").index[0]
    return words(
        "{messages} from {domains}; most from {domain}: {count}.",
        messages=words("{n} messages", n=int(by_domain.sum())),
        domains=words("{n} sender domains", n=len(by_domain)),
        domain=str(top),
        count=int(by_domain[top]),
    )


def _data(rows: pd.DataFrame, scope: Scope, words: Words, known: Sequence[str] = ()) -> Data:
    return charts.volume_data(rows, words, scope, known=known, covered=scope.covered)


SENDING_VOLUME: Final = View(
    name="sending-volume",
    title="Sending volume",
    answer="sending-volume",
    ask=answers.sending_volume,
    draw=charts.sending_volume_chart,
    data=_data,
    finding=volume_finding,
    field="sender_domain",
    figure="volume",
    details=tables.volume_columns,
)
