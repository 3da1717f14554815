"""Answers as charts.

A chart's form never changes with its data: what differs between two answers travels beside it, as
the columns of its one dataset `rows` and a few named values. So a chart is compiled once, and the
view on screen is patched, never drawn again.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache, lru_cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Final

import altair as alt
import pandas as pd
import vl_convert
from platformdirs import user_cache_dir

from smtpauth_kit.answers import Scope
from smtpauth_kit.schema import TLS_VERSIONS
from smtpauth_kit.splits import AUTH, TLS, Split
from smtpauth_kit.words import INVISIBLE, Words

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

_DAY: Final = 86_400_000
_VEGA_LITE: Final = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
_NO_VALUES: Final[dict[str, Any]] = {
    "first_day": "2000-01-01",
    "last_day": "2000-01-07",
    "others": "",
    "series": [],
    "shown": [],
}
# A legend without any entry has no size, and Vega then writes numbers no browser can read.
_SHOWN: Final[dict[str, Any]] = {
    "values": {"expr": "length(shown) ? shown : [' ']"},
    "symbolOpacity": {"expr": "length(shown) ? 1 : 0"},
}
_FONT: Final = 'system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif'


def sending_volume_chart(volume: pd.DataFrame, words: Words) -> alt.LayerChart:
    """Messages per day: one area with points for each sender domain.

    A count for several days is a band over them at its mean per day; a day without any figure is a
    gap. `volume` is what `answers.sending_volume` returns, best after `with_quiet_days`.
    """
    base = _timeline(volume, volume_values(volume, words)).transform_calculate(
        domain="indexof(series, datum.sender_domain) < 0 ? others : datum.sender_domain"
    )
    base = _per_day(base, "domain", words)
    bands = _bands(base.transform_filter("datum.days > 1"), words)
    areas = _areas(base.transform_filter("datum.days == 1"), words)
    return _finish(words, *bands, *areas, width=860, height=280)


def tls_usage_chart(usage: pd.DataFrame, words: Words) -> alt.LayerChart:
    """Each TLS version's share of all messages in the period, with two decimals and its count.

    `usage` is what `answers.tls_usage` returns.
    """
    return _usage_chart(usage, TLS, words)


def auth_usage_chart(usage: pd.DataFrame, words: Words) -> alt.LayerChart:
    """Each authentication protocol's share of all messages in the period, with its count.

    `usage` is what `answers.auth_usage` returns.
    """
    return _usage_chart(usage, AUTH, words)


def tls_pie_chart(usage: pd.DataFrame, words: Words) -> alt.LayerChart:
    """Microsoft's pie of TLS usage as a ring; the list beside it names what is under 4 %."""
    base = (
        _shares(alt.Chart(_data(usage)), TLS, words)
        .transform_filter("datum.message_count > 0")
        .encode(theta=alt.Theta("message_count:Q", stack=True), order=alt.Order("place:Q"))
    )
    ring = base.mark_arc(innerRadius=50, outerRadius=80).encode(color=_split_color(TLS))
    names = base.transform_filter("datum.share >= 0.04").mark_text(radius=114)
    return _finish(words, ring, names.encode(text="label:N"), width=340, height=230)


def trend_chart(days: pd.DataFrame, words: Words) -> alt.LayerChart:
    """One sender's messages per day, a bar stacked by TLS version.

    `days` is the `days` of `answers.sender`; a count for several days is one wide bar.
    """
    base = _per_day(_timeline(days, trend_values(days)), "tls_version", words)
    bars = (
        _named(base, TLS, words)
        .transform_stack(["bottom", "top"], stack="per_day", groupby=["start"])
        .transform_calculate(
            left=f"datum.start - {_DAY} * 0.36", right=f"datum.stop - {_DAY} * 0.64"
        )
        .mark_rect(opacity=0.9)
        .encode(x=_day_axis("left:T", words), x2="right:T", y=_count_axis("bottom:Q", None))
        .encode(y2="top:Q", color=_split_color(TLS, _split_legend(TLS, words)))
        .encode(tooltip=_when({"named": words("TLS version")}, words))
    )
    return _finish(words, bars, width=420, height=150)


def columns(rows: pd.DataFrame) -> dict[str, list[Any]]:
    """Return a frame's columns ready for JSON: days as ISO text, nothing as None.

    >>> columns(pd.DataFrame({"period_start": [dt.date(2026, 11, 16)], "message_count": [5]}))
    {'period_start': ['2026-11-16'], 'message_count': [5]}
    """
    return {str(name): [_plain(value) for value in rows[name].tolist()] for name in rows}


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

    `known` are all domains of the store, busiest first: with them a domain keeps its colour when
    the domains on screen change.

    Examples
    --------
    >>> from smtpauth_kit.words import speak
    >>> day = dt.date(2026, 11, 16)
    >>> volume = pd.DataFrame({"period_start": [day], "period_end": [day],
    ...     "sender_domain": ["b.example"], "message_count": [1]})
    >>> volume_values(volume, speak("en"), known=["a.example", "b.example"])["series"]
    ['a.example', 'b.example', 'Other domains']
    """
    shown = _busiest(volume)
    named = _series(list(known), shown)
    others = words("Other domains")
    drawn = [name for name in named if name in set(shown)]
    return {
        **range_values(volume, scope),
        "others": others,
        "series": [*named, others],
        "shown": [*drawn, others] if len(drawn) < len(shown) else drawn,
    }


def trend_values(days: pd.DataFrame, scope: Scope | None = None) -> dict[str, Any]:
    """Return the named values of a trend chart: its days and the TLS versions to explain."""
    used = set() if days.empty else set(days["tls_version"])
    shown = [version for version in TLS_VERSIONS if version in used]
    return {**range_values(days, scope), "shown": shown}


def volume_data(
    volume: pd.DataFrame,
    words: Words,
    scope: Scope | None = None,
    *,
    known: Iterable[str] = (),
    covered: Iterable[dt.date] = (),
) -> tuple[dict[str, list[Any]], dict[str, Any]]:
    """Return what a sending volume chart is patched with: its columns and its named values.

    Domains without a colour of their own are added up, so that a chart of thousands of domains is
    as quick as one of eight; `covered` as in `with_quiet_days`, `known` as in `volume_values`.
    """
    values = volume_values(volume, words, scope, known)
    named = volume["sender_domain"].isin(values["series"])
    folded = volume.assign(sender_domain=volume["sender_domain"].where(named, values["others"]))
    keys = ["period_start", "period_end", "sender_domain"]
    counts = folded.groupby(keys, sort=True)["message_count"].sum().reset_index()
    return columns(with_quiet_days(counts, covered)), values


def range_values(rows: pd.DataFrame, scope: Scope | None = None) -> dict[str, str]:
    """Return the first and the last day of a time axis: the scope's, else those of `rows`."""
    if scope is not None and scope.start is not None and scope.end is not None:
        return {"first_day": scope.start.isoformat(), "last_day": scope.end.isoformat()}
    if rows.empty:
        return {name: _NO_VALUES[name] for name in ("first_day", "last_day")}
    first, last = min(rows["period_start"]), max(rows["period_end"])
    return {"first_day": first.isoformat(), "last_day": last.isoformat()}


def vega(chart: alt.LayerChart) -> dict[str, Any]:
    """Compile a chart to Vega, without its rows and values; equal charts are compiled once."""
    spec = chart.to_dict()
    spec["data"] = {"name": "rows"}
    for param in spec.get("params", []):
        param["value"] = _NO_VALUES[param["name"]]
    return _compiled(json.dumps(spec))


@cache
def empty_vega(
    draw: Callable[[pd.DataFrame, Words], alt.LayerChart], words: Words
) -> dict[str, Any]:
    """Compile the chart that `draw` makes, to be filled with columns and values later.

    >>> from smtpauth_kit.words import speak
    >>> empty_vega(tls_usage_chart, speak("en"))["data"][0]["name"]
    'rows'
    """
    return vega(draw(pd.DataFrame(), words))


def to_svg(spec: dict[str, Any], rows: dict[str, list[Any]], values: dict[str, Any]) -> str:
    """Draw a compiled chart with these columns and values, for where scripts do not run."""
    data = [
        {**each, "values": _records(rows)} if each["name"] == "rows" else each
        for each in spec["data"]
    ]
    signals = [
        {**each, "value": values[each["name"]]} if each["name"] in values else each
        for each in spec.get("signals", [])
    ]
    return str(vl_convert.vega_to_svg({**spec, "data": data, "signals": signals}))


def static(name: str) -> str:
    """Return a script or stylesheet of the package.

    >>> "drawChart" in static("chart.js")
    True
    """
    return (files("smtpauth_kit") / "static" / name).read_text(encoding="utf-8")


@cache
def bundle() -> str:
    """Return the JavaScript that draws charts (`vegaEmbed`), for a page or widget without network.

    Making it takes seconds: it is kept in the user's cache folder, one per version of its maker.
    """
    kept = Path(user_cache_dir("smtpauth_kit")) / f"vega-{version('vl-convert-python')}.js"
    with suppress(OSError):
        return kept.read_text(encoding="utf-8")
    made = vl_convert.javascript_bundle("globalThis.vegaEmbed = vegaEmbed;")
    # On its own: the bundle's thousands of names are not the page's.
    script = f"(() => {{{made}}})();"
    with suppress(OSError):
        _keep(kept, script)
    return script


def _keep(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as part:
        part.write(text)
    Path(part.name).replace(path)


@lru_cache(maxsize=32)
def _compiled(spec: str) -> dict[str, Any]:
    compiled: dict[str, Any] = vl_convert.vegalite_to_vega(spec, vl_version=_VEGA_LITE)
    return compiled


def _data(rows: pd.DataFrame) -> alt.InlineData:
    return alt.InlineData(name="rows", values=_records(columns(rows)))


def _records(table: dict[str, list[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()[:10]
    return None if isinstance(value, float) and not math.isfinite(value) else value


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


def _timeline(rows: pd.DataFrame, values: dict[str, Any]) -> alt.Chart:
    """Return a chart whose rows know when they start and stop, as instants in UTC."""
    params = [alt.param(name=name, value=value) for name, value in values.items()]
    stop = f"toDate(datum.period_end) + {_DAY}"
    chart = alt.Chart(_data(rows)).add_params(*params)
    return chart.transform_calculate(start="toDate(datum.period_start)", stop=stop)


def _per_day(base: alt.Chart, by: str, words: Words) -> alt.Chart:
    """Add up the rows of a period and series; say when that is and how many a day."""
    day = words("%b %-d, %Y")
    first, last = f"utcFormat(datum.start, '%a {day}')", f"utcFormat(datum.stop - 1, '%a {day}')"
    mean = f"format(datum.per_day, ',.2~f') + {json.dumps(' ' + words('a day on average'))}"
    count = "format(datum.message_count, ',')"
    return (
        base.transform_aggregate(message_count="sum(message_count)", groupby=[by, "start", "stop"])
        .transform_calculate(days=f"(datum.stop - datum.start) / {_DAY}")
        .transform_calculate(
            per_day="datum.message_count / datum.days",
            when=f"datum.days == 1 ? {first} : {first} + ' \\u2013 ' + {last}",
            text=f"datum.days == 1 ? {count} : {count} + ' (' + {mean} + ')'",
        )
    )


def _bands(base: alt.Chart, words: Words) -> tuple[alt.Chart, ...]:
    """Draw each count of several days over its days, at its mean per day."""
    half = _DAY // 2
    base = base.transform_calculate(
        left=f"datum.start - {half}", right=f"datum.stop - {half}", zero="0"
    ).encode(
        x=_day_axis("left:T", words),
        x2="right:T",
        y=_count_axis("per_day:Q", words("Messages per day")),
        color=_series_color(),
        tooltip=_when({"domain": words("Sender domain")}, words),
    )
    return (
        base.mark_rect(opacity=0.14).encode(y2=alt.Y2("zero:Q")),
        base.mark_rule(strokeWidth=3),
    )


def _areas(base: alt.Chart, words: Words) -> tuple[alt.Chart, ...]:
    """Draw single days: an area, a line, and a point for each; a day without a figure breaks it."""
    by_domain: dict[str, Any] = {
        "groupby": ["domain"],
        "sort": [alt.SortField("start", order="ascending")],
    }
    stretch = (
        base.transform_window(before="lag(stop)", **by_domain)
        .transform_calculate(breaks="datum.before == datum.start ? 0 : 1")
        .transform_window(stretch="sum(breaks)", frame=[None, 0], **by_domain)
        .encode(
            x=_day_axis("start:T", words),
            y=_count_axis("per_day:Q", words("Messages per day"), stack=None),
            color=_series_color(),
        )
    )
    point = stretch.encode(
        shape=alt.Shape("domain:N", scale=_series_scale(SHAPES), legend=_series_legend()),
        tooltip=_when({"domain": words("Sender domain")}, words),
    )
    many = f"({_days_shown()}) > 45"
    size = alt.value({"expr": f"{many} ? 26 : 52"})
    return (
        stretch.mark_area(opacity=0.12).encode(detail="stretch:N"),
        stretch.mark_line(strokeWidth=2).encode(detail="stretch:N"),
        point.mark_point(filled=True, opacity=1).encode(size=size),
        # A generous target: a point is small to hit with a mouse. Of many, each would cover others.
        point.transform_filter(f"!({many})").mark_point(filled=True, opacity=0, size=420),
    )


def _usage_chart(usage: pd.DataFrame, split: Split, words: Words) -> alt.LayerChart:
    """Draw a bar per value of a split, its percentage and count beside it in columns."""
    base = _shares(alt.Chart(_data(usage)), split, words).encode(
        y=alt.Y("named:N", sort=alt.SortField("place"), axis=_bare_axis())
    )
    full = base.mark_bar(color="currentColor", opacity=0.07, height=22).encode(x=_share("whole:Q"))
    bars = base.mark_bar(height=22).encode(x=_share("share:Q"), color=_split_color(split))
    percent, count = base.mark_text(align="right"), base.mark_text(align="right")
    texts = (
        percent.encode(x=alt.value({"expr": "width + 84"}), text="percent:N"),
        count.encode(x=alt.value({"expr": "width + 170"}), text="count:N"),
    )
    return _finish(words, full, bars, *texts, width=860, height={"step": 38})


def _shares(base: alt.Chart, split: Split, words: Words) -> alt.Chart:
    """Give each value of a split its place, its name, and its share and count in words."""
    x = "datum.share"
    rounded = (
        f"{x} > 0 && {x} < 0.00005 ? '<' + format(0.01, '.2f') : "
        f"{x} < 1 && {x} >= 0.99995 ? '>' + format(99.99, '.2f') : format({x} * 100, '.2f')"
    )
    return (
        _named(base, split, words)
        .transform_calculate(
            percent=f"({rounded}) + ' %'",
            count="'(' + format(datum.message_count, ',') + ')'",
            whole="1",
        )
        .transform_calculate(
            label="[datum.named, datum.percent]",
            text="format(datum.message_count, ',') + '  (' + datum.percent + ')'",
        )
        .encode(tooltip=_tips({"named": words(split.heading), "text": words("Messages")}))
    )


def _named(base: alt.Chart, split: Split, words: Words) -> alt.Chart:
    value, titles = f"datum.{split.column}", json.dumps(split.titles(words))
    place = f"indexof({json.dumps(list(split.values))}, {value})"
    return base.transform_calculate(named=f"{titles}[{value}]", place=place)


def _days_shown() -> str:
    return f"(toDate(last_day) - toDate(first_day)) / {_DAY} + 1"


def _day_axis(field: str, words: Words) -> alt.X:
    """Return a UTC axis over every day of the range, half a day wider at both ends."""
    half = _DAY // 2
    domain = [{"expr": f"toDate(first_day) - {half}"}, {"expr": f"toDate(last_day) + {half}"}]
    by_month = f"({_days_shown()}) > 300"
    label = f"utcFormat(datum.value, {by_month} ? '%b %Y' : '{words('%b %-d')}')"
    return alt.X(
        field,
        scale=alt.Scale(type="utc", domainMin=domain[0], domainMax=domain[1], nice=False),
        axis=alt.Axis(
            title=None,
            labelExpr=label,
            labelFlush=False,
            labelOverlap="greedy",
            grid=False,
            tickCount={"expr": f"max(1, min({_days_shown()}, floor(width / 70)))"},
        ),
    )


def _count_axis(field: str, title: str | None, **more: Any) -> alt.Y:
    axis = alt.Axis(
        title=title,
        titleAnchor="end",
        titleAngle=0,
        titleAlign="left",
        titleX=0,
        titleY=-12,
        format=",.2~f",
        tickCount=5,
        tickMinStep=1,
        domain=False,
        ticks=False,
    )
    return alt.Y(field, axis=axis, scale=alt.Scale(zero=True, nice=True), **more)


def _share(field: str) -> alt.X:
    return alt.X(field, scale=alt.Scale(domain=[0, 1]), axis=None)


def _bare_axis() -> alt.Axis:
    return alt.Axis(title=None, domain=False, ticks=False, labelFontSize=13, labelPadding=12)


def _series_scale(marks: tuple[str, ...]) -> alt.Scale:
    return alt.Scale(domain={"expr": "series"}, range=list(marks))


def _series_color() -> alt.Color:
    return alt.Color("domain:N", scale=_series_scale(COLORS), legend=_series_legend())


def _series_legend() -> alt.Legend:
    # Hidden characters of a name cannot be set apart inside SVG text: they are shown as a mark.
    return alt.Legend(
        title=None,
        orient="top",
        **_SHOWN,
        labelExpr=f"replace(datum.label, regexp('[{INVISIBLE}]', 'g'), '\\ufffd')",
        labelLimit=240,
        columns={"expr": "max(1, floor(width / 210))"},
        symbolSize=90,
    )


def _split_color(split: Split, legend: alt.Legend | None = None) -> alt.Color:
    scale = alt.Scale(domain=list(split.values), range=list(split.colors))
    return alt.Color(f"{split.column}:N", scale=scale, legend=legend)


def _split_legend(split: Split, words: Words) -> alt.Legend:
    return alt.Legend(
        title=None,
        orient="top",
        offset=10,
        **_SHOWN,
        labelExpr=f"{json.dumps(split.titles(words))}[datum.label]",
        columns=3,
    )


def _when(more: dict[str, str], words: Words) -> list[alt.Tooltip]:
    return _tips({"when": words("Day"), **more, "text": words("Messages")})


def _tips(titles: dict[str, str]) -> list[alt.Tooltip]:
    return [alt.Tooltip(f"{field}:N", title=title) for field, title in titles.items()]


def _finish(words: Words, *layers: alt.Chart, **size: Any) -> alt.LayerChart:
    """Put layers into one chart with the look of the page around it, whose text colour it takes."""
    text = {"labelColor": "currentColor", "titleColor": "currentColor", "labelFontSize": 12}
    chart = alt.LayerChart(layer=list(layers))
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
