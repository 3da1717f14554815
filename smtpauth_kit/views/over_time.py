"""Shares over time: messages of each day by TLS version or authentication protocol."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import pandas as pd

from smtpauth_kit import answers, charts
from smtpauth_kit.answers import Scope
from smtpauth_kit.splits import AUTH, TLS, Split
from smtpauth_kit.views.view import Data, MakeData, View, part_of
from smtpauth_kit.words import Words


def over_time_finding(days: pd.DataFrame, split: Split, words: Words) -> str:
    """Say in one sentence how the parts of a split went from the first day to the last.

    `days` is what `answers.tls_by_day` or `answers.auth_by_day` returns.
    """
    if days.empty:
        return words("No messages match.")
    first, last = (_parts_on(days, split, edge(days["period_start"])) for edge in (min, max))
    titles = split.titles(words)
    return words(
        "From {start} to {end}: {parts}.",
        start=words.date(min(days["period_start"])),
        end=words.date(max(days["period_end"])),
        parts=", ".join(
            words(
                "{what} from {before} to {after}",
                what=titles[value],
                before=part_of(*first.get(value, (0.0, 0)), words),
                after=part_of(*last.get(value, (0.0, 0)), words),
            )
            for value in split.values
            if value in set(days[split.column])
        ),
    )


def _parts_on(days: pd.DataFrame, split: Split, day: Any) -> dict[str, tuple[float, int]]:
    """Return the share and count of each value on one day, or in the period that starts on it."""
    counts = days[days["period_start"] == day].groupby(split.column)["message_count"].sum()
    total = int(counts.sum())
    return {str(value): (int(count) / total, int(count)) for value, count in counts.items()}


def _data(split: Split) -> MakeData:
    def data(rows: pd.DataFrame, scope: Scope, words: Words, known: Sequence[str] = ()) -> Data:
        return charts.columns(rows), charts.split_values(split, rows, scope, scope.covered)

    return data


def _finding(split: Split) -> Callable[[pd.DataFrame, Words], str]:
    return lambda days, words: over_time_finding(days, split, words)


TLS_BY_DAY: Final = View(
    name="tls-by-day",
    title="TLS usage over time",
    answer="tls-by-day",
    ask=answers.tls_by_day,
    draw=charts.tls_over_time_chart,
    data=_data(TLS),
    finding=_finding(TLS),
    field="tls_version",
    figure="by_day",
    below=("tls-usage",),
)

AUTH_BY_DAY: Final = View(
    name="auth-by-day",
    title="Authentication over time",
    answer="auth-by-day",
    ask=answers.auth_by_day,
    draw=charts.auth_over_time_chart,
    data=_data(AUTH),
    finding=_finding(AUTH),
    field="auth_protocol",
    figure="by_day",
    below=("auth-protocol",),
)
