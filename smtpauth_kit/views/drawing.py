"""What every chart is drawn with: colours, texts, axes, legends, tooltips and look."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from smtpauth_kit.views import json_rows
from smtpauth_kit.views.breakdowns import Breakdown
from smtpauth_kit.words.words import Words

if TYPE_CHECKING:
    import altair as alt
else:
    from smtpauth_kit.views.altair_on_first_use import altair as alt

COLORS: Final = (
    "#7d6fd0",
    "#2d8ba0",
    "#b8569b",
    "#7c8b1f",
    "#95703c",
    "#a66fd9",
    "#5f7fa8",
    "#87796d",
)
"""Each stands 3 : 1 off white and off black, and is none that a TLS version or protocol has
(`breakdowns`); the last is all the rest."""

SHAPES: Final = (
    "circle",
    "square",
    "triangle-up",
    "diamond",
    "cross",
    "triangle-down",
    "triangle-right",
    "triangle-left",
)
"""A series is told by its shape as well: colour is never alone."""

NO_VALUES: Final[dict[str, Any]] = {
    "first_day": "2000-01-01",
    "last_day": "2000-01-07",
    "others": "",
    "series": [],
    "names": [],
    "shown": [],
    "gaps": [],
    "parts": [],
    "measure": "count",
    "brush": None,
    "asked": None,
}
"""Every named value a chart can have, with what it is before there is an answer."""

# A legend without any entry has no size, and Vega then writes numbers no browser can read.
_SHOWN: Final[dict[str, Any]] = {
    "values": {"expr": "length(shown) ? shown : [-1]"},
    "symbolOpacity": {"expr": "length(shown) ? 1 : 0"},
}
_FONT: Final = 'system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif'
_SIGNS_OF_TWO_HALVES: Final = "[\\ud800-\\udfff]"
_MOST_BESIDE: Final = 20
"""Characters kept of a long name with emoji or the like: Vega cuts by pixels, and one in half."""


# --- texts, as expressions of Vega ----------------------------------------------------------


def percent(share: str) -> str:
    """Return the expression that writes a share with two decimals, never rounded to 0 or 100."""
    return (
        f"({share} > 0 && {share} < 0.00005 ? '<' + format(0.0001, '.2%') : "
        f"{share} < 1 && {share} >= 0.99995 ? '>' + format(0.9999, '.2%') : "
        f"format({share}, '.2%'))"
    )


def cut(text: str, most: int) -> str:
    """Return the expression that cuts a text to so many characters, none of them in half."""
    return f"replace({text}, regexp('^(.{{{most - 1}}}).{{2,}}$', 'su'), '$1\\u2026')"


def keep_signs_whole(labelled: dict[str, Any]) -> None:
    """Cut names of an axis or legend by characters where some have two halves (UTF-16)."""
    if "labelLimit" not in labelled:
        return
    label = labelled["encode"]["labels"]["update"]
    text = label["text"]["signal"]
    has_halves = f"test(regexp('{_SIGNS_OF_TWO_HALVES}'), {text})"
    label["limit"] = {"signal": f"{has_halves} ? 0 : {labelled['labelLimit']}"}
    label["text"] = {"signal": f"{has_halves} ? {cut(text, _MOST_BESIDE)} : {text}"}


# --- axes, scales and legends --------------------------------------------------------------


def count_axis(field: str, title: str | None, *, top: Any = None, **more: Any) -> alt.Y:
    """Return an axis of counts from 0, its title above it; `label` writes other numbers."""
    label = more.pop("label", alt.Undefined)
    axis = alt.Axis(
        title=title,
        titleAnchor="end",
        titleAngle=0,
        titleAlign="left",
        titleX=0,
        titleY=-12,
        format=",.2~f",
        labelExpr=label,
        tickCount=5,
        tickMinStep=alt.Undefined if label is not alt.Undefined else 1,
        domain=False,
        ticks=False,
    )
    end = alt.Undefined if top is None else top
    return alt.Y(field, axis=axis, scale=alt.Scale(zero=True, nice=True, domainMax=end), **more)


def share_axis(field: str) -> alt.X:
    """Return the invisible axis of bars that are parts of a whole."""
    return alt.X(field, scale=alt.Scale(domain=[0, 1]), axis=None)


def bare_axis(**more: Any) -> alt.Axis:
    """Return an axis of names alone."""
    return alt.Axis(
        title=None, domain=False, ticks=False, labelFontSize=13, labelPadding=12, **more
    )


def series_scale(marks: tuple[str, ...]) -> alt.Scale:
    """Return the scale that gives each place in the named value `series` its colour or shape."""
    return alt.Scale(domain={"expr": "sequence(length(series))"}, range=list(marks))


def series_legend() -> alt.Legend:
    """Return the legend of the series shown."""
    return alt.Legend(
        title=None,
        orient="top",
        **_SHOWN,
        labelExpr="names[datum.value]",
        labelLimit=190,
        columns={"expr": "max(1, floor(width / 232))"},
        symbolSize=90,
    )


def breakdown_scale(breakdown: Breakdown, marks: tuple[str, ...]) -> alt.Scale:
    """Return the scale that gives each value of a breakdown the same mark in every chart."""
    return alt.Scale(domain=list(breakdown.values), range=list(marks))


def breakdown_color(breakdown: Breakdown, legend: alt.Legend | None = None) -> alt.Color:
    """Return the colours of a breakdown."""
    scale = breakdown_scale(breakdown, breakdown.colors)
    return alt.Color(f"{breakdown.column}:N", scale=scale, legend=legend)


def breakdown_legend(breakdown: Breakdown, words: Words) -> alt.Legend:
    """Return the legend of the values shown of a breakdown."""
    return alt.Legend(
        title=None,
        orient="top",
        **_SHOWN,
        labelExpr=f"{json.dumps(breakdown.titles(words))}[datum.label]",
        columns={"expr": "max(1, floor(width / 120))"},
        symbolSize=90,
    )


# --- words and look ------------------------------------------------------------------------


def tips(titles: dict[str, str]) -> list[alt.Tooltip]:
    """Return a tooltip of these fields under these titles."""
    return [alt.Tooltip(f"{field}:N", title=title) for field, title in titles.items()]


def finish(rows: pd.DataFrame, words: Words, *layers: alt.Chart, **size: Any) -> alt.LayerChart:
    """Put layers of `rows` into one chart that takes the text colour of the page around it."""
    text = {"labelColor": "currentColor", "titleColor": "currentColor", "labelFontSize": 12}
    values = json_rows.records(json_rows.columns(rows))
    chart = alt.LayerChart(data=alt.InlineData(name="rows", values=values), layer=list(layers))
    finished: alt.LayerChart = (
        chart.properties(**size, autosize=alt.AutoSizeParams(type="fit-x", contains="padding"))
        # Room at the right: the label of the last day is as wide as any other.
        .properties(padding={"left": 5, "top": 5, "bottom": 5, "right": 22})
        .configure(font=_FONT, background="transparent", aria=False, locale=words.vega_locale())
        .configure_view(stroke=None)
        .configure_axis(
            **text,
            titleFontWeight="normal",
            titleFontSize=12,
            gridColor="currentColor",
            gridOpacity=0.14,
            domainColor="currentColor",
            domainOpacity=0.4,
            tickColor="currentColor",
            tickOpacity=0.4,
            labelPadding=6,
        )
        .configure_legend(**text, rowPadding=6, columnPadding=20, offset=32)
        .configure_text(fill="currentColor", fontSize=13)
    )
    return finished
