"""The busiest senders and the busiest sender domains."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from smtpauth_kit import answers, charts
from smtpauth_kit.answers import Scope
from smtpauth_kit.charts import ranking_data
from smtpauth_kit.views.view import Data, View, part_of
from smtpauth_kit.words import Words


def ranking_finding(ranking: pd.DataFrame, words: Words) -> str:
    """Say in one sentence what a ranking of senders or domains shows.

    >>> from smtpauth_kit.words import speak
    >>> rows = pd.DataFrame({"sender_domain": ["a.example", None], "domain_count": [1, 2],
    ...     "message_count": [9, 3], "share": [0.75, 0.25]})
    >>> ranking_finding(rows, speak("en"))
    'Most from a.example: 75.00 % (9); 2 other domains: 25.00 % (3).'
    """
    if ranking.empty:
        return words("No messages match.")
    labels = ranking_data(ranking, words)["label"]
    parts = [
        part_of(float(share), int(count), words)
        for share, count in zip(ranking["share"], ranking["message_count"], strict=True)
    ]
    if not isinstance(ranking.iloc[-1, 0], str):
        return words(
            "Most from {name}: {part}; {others}: {rest}.",
            name=labels[0], part=parts[0], others=labels[-1], rest=parts[-1],
        )  # fmt: skip
    return words("Most from {name}: {part}.", name=labels[0], part=parts[0])


def _data(rows: pd.DataFrame, scope: Scope, words: Words, known: Sequence[str] = ()) -> Data:
    return ranking_data(rows, words), {}


VOLUME_BY_SENDER: Final = View(
    name="volume-by-sender",
    title="Message volume by sender",
    answer="volume-by-sender",
    ask=answers.volume_by_sender,
    draw=charts.volume_by_sender_chart,
    data=_data,
    finding=ranking_finding,
    field="sender_address",
    figure="ranking",
    below=("sending-volume",),
    is_half=True,
)

VOLUME_BY_DOMAIN: Final = View(
    name="volume-by-domain",
    title="Messages sent by domain",
    answer="volume-by-domain",
    ask=answers.volume_by_domain,
    draw=charts.volume_by_domain_chart,
    data=_data,
    finding=ranking_finding,
    field="sender_domain",
    figure="ranking",
    below=("sending-volume",),
    is_half=True,
)
