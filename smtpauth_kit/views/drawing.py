"""What every chart is drawn with: its data and days, axes, legends, tooltips and look."""

from __future__ import annotations

import datetime as dt
import json
import math
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from smtpauth_kit.views.breakdowns import Breakdown
from smtpauth_kit.words.words import Words

if TYPE_CHECKING:
    import altair as alt
else:
    from smtpauth_kit.views.altair_on_first_use import altair as alt

COLORS: Final = (
    "#0078c8",
    "#d55e00",
    "#009e73",
    "#b8569b",
    "#b97c00",
    "#2f9fd0",
    "#7d6fd0",
    "#808080",
)
"""Okabe and Ito's colours, shaded to stand 3 : 1 off white and off black; grey is all the rest."""

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

DAY: Final = 86_400_000
HALF: Final = DAY // 2
"""A day stands half a day to both sides of its midnight, so that its mark is over its label."""

NO_VALUES: Final[dict[str, Any]] = {
    "first_day": "2000-01-01",
    "last_day": "2000-01-07",
    "others": "",
    "series": [],
    "names": [],
    "shown": [],
    "gaps": [],
    "measure": "count",
    "brush": None,
}
"""Every named value a chart can have, as it is while nothing is drawn."""

# A legend without any entry has no size, and Vega then writes numbers no browser can read.
_SHOWN: Final[dict[str, Any]] = {
    "values": {"expr": "length(shown) ? shown : [-1]"},
    "symbolOpacity": {"expr": "length(shown) ? 1 : 0"},
}
_FONT: Final = 'system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif'
_WEEKENDS_UP_TO: Final = 120
"""Days; of more, a weekend is a hair's breadth."""

_SIGNS_OF_TWO_HALVES: Final = "[\\ud800-\\udfff]"
_MOST_BESIDE: Final = 20
"""Characters of a name with emoji or the like: Vega would cut it to the pixel, and one in half."""


# --- data ----------------------------------------------------------------------------------


def columns(rows: pd.DataFrame) -> dict[str, list[Any]]:
    """Return a frame's columns ready for JSON: days as ISO text, nothing as None.

    >>> columns(pd.DataFrame({"period_start": [dt.date(2026, 11, 16)], "message_count": [5]}))
    {'period_start': ['2026-11-16'], 'message_count': [5]}
    """
    return {str(name): [_plain(value) for value in rows[name].tolist()] for name in rows}


def records(table: dict[str, list[Any]]) -> list[dict[str, Any]]:
    """Return columns as rows.

    >>> records({"day": [1, 2], "count": [3, 4]})
    [{'day': 1, 'count': 3}, {'day': 2, 'count': 4}]
    """
    return [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()[:10]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def percent(share: str) -> str:
    """Return the expression that writes a share with two decimals; not quite 0 or 1 is said so."""
    return (
        f"({share} > 0 && {share} < 0.00005 ? '<' + format(0.01, '.2f') : "
        f"{share} < 1 && {share} >= 0.99995 ? '>' + format(99.99, '.2f') : "
        f"format({share} * 100, '.2f')) + ' %'"
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


# --- days ----------------------------------------------------------------------------------


def timeline(values: dict[str, Any]) -> alt.Chart:
    """Return a chart whose rows know when they start and stop, as instants in UTC."""
    params = [alt.param(name=name, value=value) for name, value in values.items()]
    stop = f"toDate(datum.period_end) + {DAY}"
    return (
        alt.Chart()
        .add_params(*params)
        .transform_calculate(start="toDate(datum.period_start)", stop=stop)
    )


def per_day(base: alt.Chart, by: str, words: Words) -> alt.Chart:
    """Add up the rows of a period and series; say when that is and how many a day."""
    day = words("%b %-d, %Y")
    first, last = f"utcFormat(datum.start, '%a {day}')", f"utcFormat(datum.stop - 1, '%a {day}')"
    mean = f"format(datum.per_day, ',.2~f') + {json.dumps(' ' + words('a day on average'))}"
    count = "format(datum.message_count, ',')"
    return (
        base.transform_aggregate(message_count="sum(message_count)", groupby=[by, "start", "stop"])
        .transform_calculate(days=f"(datum.stop - datum.start) / {DAY}")
        .transform_calculate(
            per_day="datum.message_count / datum.days",
            when=f"datum.days == 1 ? {first} : {first} + ' \\u2013 ' + {last}",
            text=f"datum.days == 1 ? {count} : {count} + ' (' + {mean} + ')'",
        )
    )


def days_shown() -> str:
    """Return the expression for how many days the axis has."""
    return f"((toDate(last_day) - toDate(first_day)) / {DAY} + 1)"


def backdrop(words: Words, *, brush: bool = False) -> tuple[alt.Chart, ...]:
    """Draw what lies behind the days: weekends, days nobody counted, and say so; days brushed."""
    one = alt.Chart(alt.InlineData(values=[{}]))
    shaded = _span(_weekends(one), words).mark_rect(color="currentColor", opacity=0.06)
    return (
        shaded,
        *([_brushed(one, words)] if brush else []),
        *gaps(words),
        _caption(one, words),
    )


def day_keys(words: Words) -> dict[str, Any]:
    """Return what a chart says to who chooses its days by keyboard; it travels with the chart."""
    said = {
        "label": words("Days for the table"),
        "all": words("All days"),
        "range": words.texts["{start} to {end}"],
        "help": words("Arrow keys: a day. With Shift: more days. Esc: all days."),
        "language": words.language,
    }
    return {"days": said}


def _brushed(one: alt.Chart, words: Words) -> alt.Chart:
    base = one.transform_filter("brushing != null").transform_calculate(
        left=f"brushing[0] - {HALF}", right=f"brushing[1] + 1 - {HALF}"
    )
    drawn: alt.Chart = _span(base, words).mark_rect(color=COLORS[0], opacity=0.2)
    return drawn


def _weekends(one: alt.Chart) -> alt.Chart:
    every = f"sequence(toDate(first_day), toDate(last_day) + {DAY}, {DAY})"
    return (
        one.transform_calculate(day=f"{days_shown()} > {_WEEKENDS_UP_TO} ? [] : {every}")
        .transform_flatten(["day"])
        .transform_filter("utcday(datum.day) % 6 == 0")
        .transform_calculate(left=f"datum.day - {HALF}", right=f"datum.day + {HALF}")
    )


def gaps(words: Words) -> tuple[alt.Chart, ...]:
    """Draw a dashed line where no figure is known: a zero would be a guess."""
    base = (
        alt.Chart(alt.InlineData(values=[{}]))
        .transform_calculate(gap="gaps")
        .transform_flatten(["gap"])
        .transform_calculate(
            left=f"toDate(datum.gap[0]) - {HALF}", right=f"toDate(datum.gap[1]) + {HALF}"
        )
        .transform_calculate(middle="(datum.left + datum.right) / 2")
    )
    width = "(scale('x', datum.right) - scale('x', datum.left))"
    line = _span(base, words).mark_rule(
        color="currentColor", opacity=0.65, strokeWidth=2, strokeDash=[5, 4]
    )
    name = base.mark_text(baseline="bottom", fontSize=11).encode(
        x=day_axis("middle:T", words),
        y=alt.value({"expr": "height - 6"}),
        text=alt.value(words("no data")),
        opacity=alt.value({"expr": f"{width} > {7 * len(words('no data'))} ? 0.8 : 0"}),
    )
    return line.encode(y=alt.value({"expr": "height - 1"})), name


def _caption(one: alt.Chart, words: Words) -> alt.Chart:
    """Say below the days what their shading and dashes mean."""
    # A range of fewer than six days has a weekend when it starts or ends in one, or wraps round.
    first, last = "utcday(toDate(first_day))", "utcday(toDate(last_day))"
    has_weekend = (
        f"({days_shown()} >= 6 || {first} % 6 == 0 || {last} % 6 == 0 || {last} < {first})"
        f" && {days_shown()} <= {_WEEKENDS_UP_TO}"
    )
    shaded, dashed = words("Shaded: Saturday and Sunday."), words("Dashed: no data.")
    text = (
        f"({has_weekend} ? {json.dumps(shaded + '  ')} : '')"
        f" + (length(gaps) ? {json.dumps(dashed)} : '')"
    )
    drawn: alt.Chart = one.mark_text(align="left", fontSize=11, opacity=0.75).encode(
        x=alt.value(0), y=alt.value({"expr": "height + 38"}), text=alt.value({"expr": text})
    )
    return drawn


def _span(base: alt.Chart, words: Words) -> alt.Chart:
    return base.encode(x=day_axis("left:T", words), x2="right:T")


# --- axes, scales and legends --------------------------------------------------------------


def day_axis(field: str, words: Words) -> alt.X:
    """Return a UTC axis over every day of the range, half a day wider at both ends."""
    domain = [{"expr": f"toDate(first_day) - {HALF}"}, {"expr": f"toDate(last_day) + {HALF}"}]
    by_month = f"{days_shown()} > 300"
    label = f"utcFormat(datum.value, {by_month} ? '%b %Y' : '{words('%b %-d')}')"
    return alt.X(
        field,
        scale=alt.Scale(type="utc", domainMin=domain[0], domainMax=domain[1], nice=False),
        axis=alt.Axis(
            title=None,
            labelExpr=label,
            labelFlush=False,
            labelOverlap="greedy",
            labelSeparation=14,
            grid=False,
            tickCount={"expr": f"max(1, min({days_shown()}, floor(width / 70)))"},
        ),
    )


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
    """Return the scale that gives each of the named value `series` its mark."""
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


def when(more: dict[str, str], words: Words) -> list[alt.Tooltip]:
    """Return the tooltip of a day: when, what and how many."""
    return tips({"when": words("Day"), **more, "text": words("Messages")})


def tips(titles: dict[str, str]) -> list[alt.Tooltip]:
    """Return a tooltip of these fields under these titles."""
    return [alt.Tooltip(f"{field}:N", title=title) for field, title in titles.items()]


def finish(rows: pd.DataFrame, words: Words, *layers: alt.Chart, **size: Any) -> alt.LayerChart:
    """Put layers of `rows` into one chart that takes the text colour of the page around it."""
    text = {"labelColor": "currentColor", "titleColor": "currentColor", "labelFontSize": 12}
    chart = alt.LayerChart(
        data=alt.InlineData(name="rows", values=records(columns(rows))), layer=list(layers)
    )
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
