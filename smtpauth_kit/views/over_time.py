"""Shares over time: messages of each day by TLS version or authentication protocol."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from smtpauth_kit.answers import Scope
from smtpauth_kit.views import drawing, json_rows, over_days, shares
from smtpauth_kit.views.breakdowns import AUTH, TLS, Breakdown
from smtpauth_kit.views.over_days import DAY
from smtpauth_kit.views.view import Data, MakeData, View, named_by, part_of
from smtpauth_kit.words.words import Words

if TYPE_CHECKING:
    import altair as alt
else:
    from smtpauth_kit.views.altair_on_first_use import altair as alt


@dataclass(frozen=True)
class Counted:
    """What a chart over time counts: keys of the words."""

    heading: str
    per_day: str
    mean: str
    share: str


MESSAGES: Final = Counted(
    "Messages", "Messages per day", "Messages, mean per day", "Share of the day's messages"
)


def tls_over_time_chart(days: pd.DataFrame, words: Words) -> alt.LayerChart:
    """Messages of each day stacked by TLS version, as counts or as shares of the day.

    `days` is what `answers.tls_by_day` returns; the named value `measure` is "count" or "share". A
    count for several days is one wide bar over them, at its mean per day.
    """
    return stacked_by_day(days, TLS, words, brush=True, width=860, height=260)


def auth_over_time_chart(days: pd.DataFrame, words: Words) -> alt.LayerChart:
    """Messages of each day stacked by authentication protocol; else as `tls_over_time_chart`.

    `days` is what `answers.auth_by_day` returns.
    """
    return stacked_by_day(days, AUTH, words, brush=True, width=860, height=260)


def trend_chart(days: pd.DataFrame, words: Words) -> alt.LayerChart:
    """One sender's messages per day, a bar stacked by TLS version.

    `days` is what `answers.sender_days` returns; a count for several days is one wide bar. The
    named value `asked` marks days among all of them.
    """
    return stacked_by_day(
        days, TLS, words, mark="Line above: the days shown.", width=420, height=150
    )


def auth_trend_chart(days: pd.DataFrame, words: Words) -> alt.LayerChart:
    """One sender's messages per day, a bar stacked by authentication protocol."""
    return stacked_by_day(
        days, AUTH, words, mark="Line above: the days shown.", width=420, height=150
    )


def breakdown_values(
    breakdown: Breakdown,
    days: pd.DataFrame,
    scope: Scope | None = None,
    covered: Iterable[dt.date] | None = None,
) -> dict[str, Any]:
    """Return the named values of a chart over time: its days, the values to explain, its gaps.

    >>> rows = pd.DataFrame({"period_start": [dt.date(2026, 11, 16)], "tls_version": ["1.0"],
    ...     "period_end": [dt.date(2026, 11, 16)]})
    >>> breakdown_values(TLS, rows)["shown"]
    ['1.0']
    """
    used = set() if days.empty else set(days[breakdown.column])
    values: dict[str, Any] = over_days.range_values(days, scope)
    values["shown"] = [value for value in breakdown.values if value in used]
    values["parts"] = over_days.parts_of(scope)
    return {**values, "gaps": over_days.stretches_without_data(values, days, covered)}


def trend_values(days: pd.DataFrame, scope: Scope | None = None) -> dict[str, Any]:
    """Return the named values of a trend chart: its days and the TLS versions to explain."""
    return breakdown_values(TLS, days, scope)


def stacked_by_day(
    days: pd.DataFrame,
    breakdown: Breakdown,
    words: Words,
    *,
    brush: bool = False,
    mark: str = "",
    counted: Counted = MESSAGES,
    around: Callable[[alt.Chart], tuple[alt.Chart, ...]] = lambda base: (),
    **size: int,
) -> alt.LayerChart:
    """Stack each day, or period at its mean per day, by the values of a breakdown.

    `mark` is the key of the words for the days that the named value `asked` marks; `around` makes
    more layers, to stand behind the bars, of the rows with `start` and `stop`.
    """
    chosen = {"brush": None} if brush else {"asked": None} if mark else {}
    values = {**breakdown_values(breakdown, days), "measure": "count", **chosen}
    timeline = over_days.timeline(values)
    base = _stacked(timeline, breakdown, words, counted)
    label = "measure == 'share' ? format(datum.value, '.0%') : format(datum.value, ',.2~f')"
    top = {"expr": "measure == 'share' ? 1 : null"}
    bars = base.encode(
        x=over_days.day_axis("left:T", words),
        x2="right:T",
        y=drawing.count_axis("bottom:Q", None, top=top, label=label),
        y2="top:Q",
        color=drawing.breakdown_color(breakdown, drawing.breakdown_legend(breakdown, words)),
    )
    chart = drawing.finish(
        days,
        words,
        *over_days.backdrop(words, brush=brush, mark=mark),
        *around(timeline),
        bars.mark_rect(cursor="pointer"),
        _marks(base, breakdown, words),
        _measure_title(timeline, words, counted),
        **size,
    )
    texts = over_days.day_keys(words, breakdown.column, breakdown.titles(words))
    return chart.properties(usermeta=texts)


def _stacked(base: alt.Chart, breakdown: Breakdown, words: Words, counted: Counted) -> alt.Chart:
    whole: dict[str, Any] = {"groupby": ["start", "stop"]}
    spread = over_days.spread(over_days.per_day(base, breakdown.column, words))
    return (
        shares.named(spread, breakdown, words)
        .transform_joinaggregate(total="sum(message_count)", **whole)
        .transform_calculate(part="datum.message_count / datum.total")
        .transform_calculate(
            height="measure == 'share' ? datum.part : datum.per_day",
            share=drawing.percent("datum.part"),
            middle=f"(datum.start + datum.stop - {DAY}) / 2",
        )
        .transform_stack(["bottom", "top"], stack="height", sort=[alt.SortField("place")], **whole)
        .transform_calculate(centre="(datum.bottom + datum.top) / 2")
        .encode(
            tooltip=over_days.when(
                {"named": words(breakdown.heading), "share": words("Share of the day")},
                words,
                counted.heading,
            )
        )
    )


def _marks(base: alt.Chart, breakdown: Breakdown, words: Words) -> alt.Chart:
    """Put each value's shape into its part of a bar, where there is room for it."""
    tall = "scale('y', datum.bottom) - scale('y', datum.top) > 13"
    wide = "scale('x', datum.right) - scale('x', datum.left) > 9"
    scale = drawing.breakdown_scale(breakdown, breakdown.shapes)
    drawn: alt.Chart = base.mark_point(
        filled=True, fill="white", stroke=None, size=44, cursor="pointer"
    ).encode(
        x=over_days.day_axis("middle:T", words),
        y=drawing.count_axis("centre:Q", None),
        shape=alt.Shape(
            f"{breakdown.column}:N", scale=scale, legend=drawing.breakdown_legend(breakdown, words)
        ),
        opacity=alt.value({"expr": f"{tall} && {wide} ? 1 : 0"}),
    )
    return drawn


def _measure_title(timeline: alt.Chart, words: Words, counted: Counted) -> alt.Chart:
    share = f"(measure == 'share' ? {json.dumps(words(counted.share))} : null)"
    per_day, mean = words(counted.per_day), words(counted.mean)
    return over_days.axis_title(timeline, per_day, mean, share)


def over_time_finding(days: pd.DataFrame, breakdown: Breakdown, words: Words) -> str:
    """Say in one sentence how the parts of a breakdown went from the first day to the last.

    `days` is what `answers.tls_by_day` or `answers.auth_by_day` returns.
    """
    if days.empty:
        return words("No messages match.")
    first, last = (_parts_on(days, breakdown, edge(days["period_start"])) for edge in (min, max))
    titles = breakdown.titles(words)
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
            for value in breakdown.values
            if value in set(days[breakdown.column])
        ),
    )


def _parts_on(days: pd.DataFrame, breakdown: Breakdown, day: Any) -> dict[str, tuple[float, int]]:
    """Return the share and count of each value on one day, or in the period that starts on it."""
    counts = days[days["period_start"] == day].groupby(breakdown.column)["message_count"].sum()
    total = int(counts.sum())
    return {str(value): (int(count) / total, int(count)) for value, count in counts.items()}


def _data(breakdown: Breakdown) -> MakeData:
    def data(rows: pd.DataFrame, scope: Scope, words: Words, known: Sequence[str] = ()) -> Data:
        return json_rows.columns(rows), breakdown_values(breakdown, rows, scope, scope.covered)

    return data


def _view(
    breakdown: Breakdown,
    name: str,
    title: str,
    draw: Callable[[pd.DataFrame, Words], alt.LayerChart],
    below: str,
) -> View:
    return View(
        name=name,
        title=title,
        answer=name,
        draw=draw,
        data=_data(breakdown),
        finding=lambda days, words: over_time_finding(days, breakdown, words),
        field=breakdown.column,
        heading=breakdown.heading,
        names=named_by(breakdown),
        figure="by_day",
        below=(below,),
    )


TLS_BY_DAY: Final = _view(
    TLS, "tls-by-day", "TLS usage over time", tls_over_time_chart, below="tls-usage"
)

AUTH_BY_DAY: Final = _view(
    AUTH, "auth-by-day", "Authentication over time", auth_over_time_chart, below="auth-protocol"
)
