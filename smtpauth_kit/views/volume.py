"""Sending volume: messages per day and sender domain."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from smtpauth_kit.answers import Scope
from smtpauth_kit.views import details_table, drawing, json_rows, over_days
from smtpauth_kit.views.drawing import COLORS, SHAPES
from smtpauth_kit.views.over_days import HALF
from smtpauth_kit.views.view import Data, View
from smtpauth_kit.words.inert import show_invisible
from smtpauth_kit.words.words import Words

if TYPE_CHECKING:
    import altair as alt
else:
    from smtpauth_kit.views.altair_on_first_use import altair as alt


def sending_volume_chart(volume: pd.DataFrame, words: Words) -> alt.LayerChart:
    """Messages per day: one area with points for each sender domain.

    A count for several days is a band over them at its mean per day; a day without any figure is a
    gap. A line is told by its place in `series`: no name is a key, for one may be what every object
    of JavaScript has, like `constructor`. `volume` is what `answers.sending_volume` returns, best
    after `with_quiet_days`.
    """
    values = {**volume_values(volume, words), "gaps": [], "brush": None}
    timeline = over_days.timeline(values)
    base = timeline.transform_calculate(
        place="indexof(series, datum.sender_domain)",
        line="datum.place < 0 ? length(series) - 1 : datum.place",
    )
    base = over_days.per_day(base, "line", words).transform_calculate(
        domain="series[datum.line]",
        sender_domain="datum.line == length(series) - 1 ? null : series[datum.line]",
    )
    bands = _bands(base.transform_filter("datum.days > 1"), words)
    areas = _areas(base.transform_filter("datum.days == 1"), words)
    behind = over_days.backdrop(words, brush=True)
    title = over_days.axis_title(
        timeline, words("Messages per day"), words("Messages, mean per day")
    )
    chart = drawing.finish(volume, words, *behind, *bands, *areas, title, width=860, height=280)
    return chart.properties(usermeta=over_days.day_keys(words, "sender_domain"))


def with_quiet_days(volume: pd.DataFrame, covered: Iterable[dt.date]) -> pd.DataFrame:
    """Add a zero for each domain of `volume` on each covered day it has no figure for.

    `covered` are the days the source has any message on. The others stay a gap: nobody counted
    them. A domain with a figure for several days at once is left as it is.
    """
    days = sorted(set(covered))
    daily = volume["period_start"] == volume["period_end"]
    banded = set(volume.loc[~daily, "sender_domain"])
    have = set(zip(volume["period_start"], volume["sender_domain"], strict=True))
    quiet = [
        (day, day, domain, 0)
        for domain in dict.fromkeys(volume["sender_domain"])
        for day in days
        if domain not in banded and (day, domain) not in have
    ]
    names = ["period_start", "period_end", "sender_domain", "message_count"]
    zeros = pd.DataFrame(quiet, columns=names)
    return pd.concat([volume, zeros], ignore_index=True) if quiet else volume


def volume_values(
    volume: pd.DataFrame, words: Words, scope: Scope | None = None, known: Iterable[str] = ()
) -> dict[str, Any]:
    """Return the named values of a sending volume chart: its days, and its series in colour order.

    `names` are the series with invisible characters shown as codes; `shown` are the places, in both
    lists, of the series on screen.
    `known` are all domains of the store, busiest first: with them a domain keeps its colour when
    the domains on screen change.

    Examples
    --------
    >>> from smtpauth_kit.words.words import speak
    >>> day = dt.date(2026, 11, 16)
    >>> volume = pd.DataFrame({"period_start": [day], "period_end": [day],
    ...     "sender_domain": ["b.example"], "message_count": [1]})
    >>> volume_values(volume, speak("en"), known=["a.example", "b.example"])["series"]
    ['a.example', 'b.example', 'Other domains']
    """
    shown = _busiest(volume)
    named = _series(list(known), shown)
    others = words("Other domains")
    drawn = [place for place, name in enumerate(named) if name in set(shown)]
    return {
        **over_days.range_values(volume, scope),
        "parts": over_days.parts_of(scope),
        "others": others,
        "series": [*named, others],
        "names": [*map(show_invisible, named), others],
        "shown": [*drawn, len(named)] if len(drawn) < len(shown) else drawn,
    }


def volume_data(
    volume: pd.DataFrame,
    words: Words,
    scope: Scope | None = None,
    *,
    known: Iterable[str] = (),
    covered: Iterable[dt.date] | None = None,
) -> tuple[dict[str, list[Any]], dict[str, Any]]:
    """Return what a sending volume chart is patched with: its columns and its named values.

    Domains without a colour of their own are added up, so that a chart of thousands of domains is
    as quick as one of eight; `covered` as in `with_quiet_days`, `known` as in `volume_values`.
    Days of the range that are not covered are marked as gaps; None: nobody knows which are.
    """
    covered = None if covered is None else set(covered)
    values = volume_values(volume, words, scope, known)
    values["gaps"] = over_days.stretches_without_data(values, volume, covered)
    named = volume["sender_domain"].isin(values["series"])
    folded = volume.assign(sender_domain=volume["sender_domain"].where(named, values["others"]))
    keys = ["period_start", "period_end", "sender_domain"]
    counts = folded.groupby(keys, sort=True)["message_count"].sum().reset_index()
    return json_rows.columns(with_quiet_days(counts, covered or ())), values


def _busiest(volume: pd.DataFrame) -> list[str]:
    if volume.empty:
        return []
    counts = volume.groupby("sender_domain", sort=True)["message_count"].sum()
    return [str(name) for name in counts.sort_values(ascending=False, kind="stable").index]


def _series(known: list[str], shown: list[str]) -> list[str]:
    """Return the domains that get a colour: the busiest ever, and those shown while there is room.

    Grey is left for all others. A shown domain takes the place of one that is not, last first.
    """
    most = len(COLORS) - 1
    series = (known or shown)[:most]
    for name in [name for name in shown if name not in series]:
        free = [place for place, held in enumerate(series) if held not in shown]
        if len(series) < most:
            series = [*series, name]
        elif free:
            series[free[-1]] = name
    return series


def _bands(base: alt.Chart, words: Words) -> tuple[alt.Chart, ...]:
    """Draw each count of several days over its days, at its mean per day."""
    base = base.transform_calculate(
        left=f"datum.start - {HALF}", right=f"datum.stop - {HALF}", zero="0"
    ).encode(
        x=over_days.day_axis("left:T", words),
        x2="right:T",
        y=drawing.count_axis("per_day:Q", None),
        color=_series_color(),
        tooltip=over_days.when({"domain": words("Sender domain")}, words),
    )
    return (
        base.mark_rect(opacity=0.14, cursor="pointer").encode(y2=alt.Y2("zero:Q")),
        base.mark_rule(strokeWidth=3, cursor="pointer"),
    )


def _areas(base: alt.Chart, words: Words) -> tuple[alt.Chart, ...]:
    """Draw single days: an area, a line, and a point for each; a day without a figure breaks it."""
    by_domain: dict[str, Any] = {
        "groupby": ["line"],
        "sort": [alt.SortField("start", order="ascending")],
    }
    stretch = (
        base.transform_window(before="lag(stop)", **by_domain)
        .transform_calculate(breaks="datum.before == datum.start ? 0 : 1")
        .transform_window(stretch="sum(breaks)", frame=[None, 0], **by_domain)
        .encode(
            x=over_days.day_axis("start:T", words),
            y=drawing.count_axis("per_day:Q", None, stack=None),
            color=_series_color(),
        )
    )
    legend = drawing.series_legend()
    point = stretch.encode(
        shape=alt.Shape("line:N", scale=drawing.series_scale(SHAPES), legend=legend),
        tooltip=over_days.when({"domain": words("Sender domain")}, words),
    )
    many = f"({over_days.days_shown()}) > 45"
    size = alt.value({"expr": f"{over_days.days_shown()} > 150 ? 7 : {many} ? 26 : 52"})
    # A generous target: a point is small to hit with a mouse. Of many, each would cover others.
    target = point.transform_filter(f"!({many})").mark_point(filled=True, opacity=0, size=420)
    return (
        stretch.mark_area(opacity=0.12).encode(detail="stretch:N"),
        stretch.mark_line(strokeWidth=2).encode(detail="stretch:N"),
        point.mark_point(filled=True, opacity=1, cursor="pointer").encode(size=size),
        target.properties(mark={**target.mark.to_dict(), "cursor": "pointer"}),
    )


def _series_color() -> alt.Color:
    scale = drawing.series_scale(COLORS)
    return alt.Color("line:N", scale=scale, legend=drawing.series_legend())


def volume_finding(volume: pd.DataFrame, words: Words) -> str:
    """Say in one sentence what a sending volume chart shows."""
    if volume.empty or not volume["message_count"].sum():
        return words("No messages match.")
    by_domain = volume.groupby("sender_domain")["message_count"].sum()
    top = by_domain.sort_values(ascending=False, kind="stable").index[0]
    if len(by_domain) == 1:
        return words("All messages are from {domain}.", domain=str(top))
    return words(
        "{domains}; most messages from {domain}: {count}.",
        domains=words("{n} sender domains", n=len(by_domain)),
        domain=str(top),
        count=int(by_domain[top]),
    )


def _data(rows: pd.DataFrame, scope: Scope, words: Words, known: Sequence[str] = ()) -> Data:
    return volume_data(rows, words, scope, known=known, covered=scope.covered)


SENDING_VOLUME: Final = View(
    name="sending-volume",
    title="Sending volume",
    answer="sending-volume",
    draw=sending_volume_chart,
    data=_data,
    finding=volume_finding,
    field="sender_domain",
    heading="Sender domain",
    figure="volume",
    details=details_table.volume_columns,
)
