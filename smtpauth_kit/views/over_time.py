"""Shares over time: messages of each day by TLS version or authentication protocol."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from smtpauth_kit import charts, drawing
from smtpauth_kit.answers import Scope
from smtpauth_kit.drawing import DAY
from smtpauth_kit.splits import AUTH, TLS, Split
from smtpauth_kit.views.view import Data, MakeData, View, named_by, part_of
from smtpauth_kit.words import Words

if TYPE_CHECKING:
    import altair as alt
else:
    from smtpauth_kit.lazily import altair as alt


def tls_over_time_chart(days: pd.DataFrame, words: Words) -> alt.LayerChart:
    """Messages of each day stacked by TLS version, as counts or as shares of the day.

    `days` is what `answers.tls_by_day` returns; the named value `measure` is "count" or "share". A
    count for several days is one wide bar over them, at its mean per day.
    """
    return _over_time(days, TLS, words, brush=True, width=860, height=260)


def auth_over_time_chart(days: pd.DataFrame, words: Words) -> alt.LayerChart:
    """Messages of each day stacked by authentication protocol; else as `tls_over_time_chart`.

    `days` is what `answers.auth_by_day` returns.
    """
    return _over_time(days, AUTH, words, brush=True, width=860, height=260)


def trend_chart(days: pd.DataFrame, words: Words) -> alt.LayerChart:
    """One sender's messages per day, a bar stacked by TLS version.

    `days` is the `days` of `answers.sender`; a count for several days is one wide bar.
    """
    return _over_time(days, TLS, words, width=420, height=150)


def auth_trend_chart(days: pd.DataFrame, words: Words) -> alt.LayerChart:
    """One sender's messages per day, a bar stacked by authentication protocol."""
    return _over_time(days, AUTH, words, width=420, height=150)


def split_values(
    split: Split,
    days: pd.DataFrame,
    scope: Scope | None = None,
    covered: Iterable[dt.date] | None = None,
) -> dict[str, Any]:
    """Return the named values of a chart over time: its days, the values to explain, its gaps.

    >>> rows = pd.DataFrame({"period_start": [dt.date(2026, 11, 16)], "tls_version": ["1.0"],
    ...     "period_end": [dt.date(2026, 11, 16)]})
    >>> split_values(TLS, rows)["shown"]
    ['1.0']
    """
    used = set() if days.empty else set(days[split.column])
    values: dict[str, Any] = charts.range_values(days, scope)
    values["shown"] = [value for value in split.values if value in used]
    return {**values, "gaps": charts.gaps(values, days, covered)}


def trend_values(days: pd.DataFrame, scope: Scope | None = None) -> dict[str, Any]:
    """Return the named values of a trend chart: its days and the TLS versions to explain."""
    return split_values(TLS, days, scope)


def _over_time(
    days: pd.DataFrame, split: Split, words: Words, *, brush: bool = False, **size: int
) -> alt.LayerChart:
    """Stack each day, or period at its mean per day, by the values of a split."""
    values = {**split_values(split, days), "measure": "count", **({"brush": None} if brush else {})}
    base = _stacked(drawing.timeline(values), split, words)
    label = "measure == 'share' ? format(datum.value, '.0%') : format(datum.value, ',.2~f')"
    top = {"expr": "measure == 'share' ? 1 : null"}
    bars = base.encode(
        x=drawing.day_axis("left:T", words),
        x2="right:T",
        y=drawing.count_axis("bottom:Q", None, top=top, label=label),
        y2="top:Q",
        color=drawing.split_color(split, drawing.split_legend(split, words)),
    )
    chart = drawing.finish(
        days,
        words,
        *drawing.backdrop(words, brush=brush),
        bars.mark_rect(cursor="pointer"),
        _marks(base, split, words),
        _measure_title(words),
        **size,
    )
    return chart.properties(usermeta=drawing.day_keys(words)) if brush else chart


def _stacked(base: alt.Chart, split: Split, words: Words) -> alt.Chart:
    whole: dict[str, Any] = {"groupby": ["start", "stop"]}
    return (
        charts.named(charts.spread(drawing.per_day(base, split.column, words)), split, words)
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
            tooltip=drawing.when(
                {"named": words(split.heading), "share": words("Share of the day")}, words
            )
        )
    )


def _marks(base: alt.Chart, split: Split, words: Words) -> alt.Chart:
    """Put each value's shape into its part of a bar, where there is room for it."""
    tall = "scale('y', datum.bottom) - scale('y', datum.top) > 13"
    wide = "scale('x', datum.right) - scale('x', datum.left) > 9"
    scale = drawing.split_scale(split, split.shapes)
    drawn: alt.Chart = base.mark_point(
        filled=True, fill="white", stroke=None, size=44, cursor="pointer"
    ).encode(
        x=drawing.day_axis("middle:T", words),
        y=drawing.count_axis("centre:Q", None),
        shape=alt.Shape(
            f"{split.column}:N", scale=scale, legend=drawing.split_legend(split, words)
        ),
        opacity=alt.value({"expr": f"{tall} && {wide} ? 1 : 0"}),
    )
    return drawn


def _measure_title(words: Words) -> alt.Chart:
    titles = json.dumps(words("Messages per day")), json.dumps(words("Share of the day's messages"))
    text = f"measure == 'share' ? {titles[1]} : {titles[0]}"
    mark = alt.Chart(alt.InlineData(values=[{}])).mark_text(align="left", fontSize=12)
    drawn: alt.Chart = mark.encode(x=alt.value(0), y=alt.value(-14), text=alt.value({"expr": text}))
    return drawn


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
        return charts.columns(rows), split_values(split, rows, scope, scope.covered)

    return data


def _finding(split: Split) -> Callable[[pd.DataFrame, Words], str]:
    return lambda days, words: over_time_finding(days, split, words)


TLS_BY_DAY: Final = View(
    name="tls-by-day",
    title="TLS usage over time",
    answer="tls-by-day",
    draw=tls_over_time_chart,
    data=_data(TLS),
    finding=_finding(TLS),
    field="tls_version",
    heading=TLS.heading,
    names=named_by(TLS),
    figure="by_day",
    below=("tls-usage",),
)

AUTH_BY_DAY: Final = View(
    name="auth-by-day",
    title="Authentication over time",
    answer="auth-by-day",
    draw=auth_over_time_chart,
    data=_data(AUTH),
    finding=_finding(AUTH),
    field="auth_protocol",
    heading=AUTH.heading,
    names=named_by(AUTH),
    figure="by_day",
    below=("auth-protocol",),
)
