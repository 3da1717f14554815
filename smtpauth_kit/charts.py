"""Answers as charts.

A chart's form never changes with its data: what differs between two answers travels beside it, as
the columns of its one dataset `rows` and a few named values. So a chart is compiled once, and the
view on screen is patched, never drawn again.

What a mouse does comes out of a chart in two ways. A click on a mark gives a datum that holds the
field to filter by (`sender_domain`, `tls_version`, `auth_protocol` or `sender_address`; null for
all others together), one on a legend entry a datum whose `value` it is. Days dragged over are the
named value `brush`: null, or the first instant of the first day and the last of the last, in
milliseconds UTC; the keyboard sets the same (`dayKeys` in `static/chart.js`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache, lru_cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
from platformdirs import user_cache_dir

from smtpauth_kit import drawing, renderer, replacing
from smtpauth_kit.answers import Scope
from smtpauth_kit.drawing import COLORS, DAY, HALF, NO_VALUES, SHAPES
from smtpauth_kit.drawing import columns as columns
from smtpauth_kit.inert import show_invisible
from smtpauth_kit.splits import AUTH, TLS, Split
from smtpauth_kit.words import Words

RING_TOP: Final = 5
"""So many slices of a ring have a name; one more is all others."""

if TYPE_CHECKING:
    import altair as alt
else:
    from smtpauth_kit.lazily import altair as alt

_ROOM_FOR_NAMES: Final = 45
_ONE_DAY: Final = dt.timedelta(days=1)

_DAY_AT: Final = f"floor((time(invert('x', {{}})) + {HALF}) / {DAY}) * {DAY}"
_IN_PLOT: Final = "inrange(x(), [0, width]) && inrange(y(), [0, height])"
_DRAGGED: Final = "dragged && abs(dragged[1] - dragged[0]) > 5"
_BRUSHING: Final[list[dict[str, Any]]] = [
    {
        "name": "dragged",
        "value": None,
        "on": [
            {
                "events": "mousedown",
                "update": f"{_IN_PLOT} ? [x(), x()] : null",
            },
            {
                "events": "[mousedown, window:mouseup] > window:mousemove!",
                "update": "dragged ? [dragged[0], clamp(x(), 0, width - 1)] : null",
            },
        ],
    },
    {
        "name": "brushing",
        "value": None,
        "on": [
            {
                "events": {"signal": "dragged"},
                "update": f"{_DRAGGED} ? [{_DAY_AT.format('min(dragged[0], dragged[1])')}, "
                f"{_DAY_AT.format('max(dragged[0], dragged[1])')} + {DAY - 1}] : brushing",
            },
            {"events": {"signal": "brush"}, "update": "brush"},
        ],
    },
]
"""What is dragged, in pixels, and the whole days under it while the mouse is still down."""

_BRUSH: Final = [
    {"events": "window:mouseup", "update": "brushing"},
    {
        # A click beside the marks takes the days back; one on a mark chooses that mark.
        "events": "click",
        "update": f"{_DRAGGED} || !({_IN_PLOT}) || (event.item && event.item.tooltip)"
        " ? brush : null",
    },
]


# --- charts --------------------------------------------------------------------------------


def sending_volume_chart(volume: pd.DataFrame, words: Words) -> alt.LayerChart:
    """Messages per day: one area with points for each sender domain.

    A count for several days is a band over them at its mean per day; a day without any figure is a
    gap. A line is told by its place in `series`: no name is a key, for one may be what every object
    of JavaScript has, like `constructor`. `volume` is what `answers.sending_volume` returns, best
    after `with_quiet_days`.
    """
    values = {**volume_values(volume, words), "gaps": [], "brush": None}
    base = drawing.timeline(values).transform_calculate(
        found="indexof(series, datum.sender_domain)",
        line="datum.found < 0 ? length(series) - 1 : datum.found",
    )
    base = drawing.per_day(base, "line", words).transform_calculate(
        domain="series[datum.line]",
        sender_domain="datum.line == length(series) - 1 ? null : series[datum.line]",
    )
    bands = _bands(base.transform_filter("datum.days > 1"), words)
    areas = _areas(base.transform_filter("datum.days == 1"), words)
    behind = drawing.backdrop(words, brush=True)
    chart = drawing.finish(volume, words, *behind, *bands, *areas, width=860, height=280)
    return chart.properties(usermeta=drawing.day_keys(words))


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


def senders_by_tls_chart(used: pd.DataFrame, words: Words) -> alt.LayerChart:
    """How many senders used each TLS version, and which share of all senders that is.

    `used` is what `answers.senders_by_tls` returns.
    """
    return _usage_chart(used, TLS, words, of="sender_count", heading=words("Senders"))


def tls_pie_chart(usage: pd.DataFrame, words: Words) -> alt.LayerChart:
    """Microsoft's pie of TLS usage as a ring; the list beside it names what is under 4 %."""
    base = _shares(alt.Chart(), TLS, words)
    return _ring(usage, base, drawing.split_color(TLS), words)


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


def spark_chart(days: pd.DataFrame, words: Words) -> alt.LayerChart:
    """Return the trend of a card: a small bar for each day, without an axis of counts.

    `days` has message_count for period_start and period_end, any number of rows for each.
    """
    values = {**range_values(days), "gaps": []}
    base = drawing.timeline(values).transform_calculate(all="'all'")
    bars = (
        _spread(drawing.per_day(base, "all", words))
        .transform_calculate(zero="0")
        .encode(
            x=drawing.day_axis("left:T", words),
            x2="right:T",
            y=alt.Y("zero:Q", axis=None),
            y2="per_day:Q",
            tooltip=drawing.when({}, words),
        )
    )
    bar = bars.mark_rect(color=COLORS[0])
    return drawing.finish(days, words, *drawing.gaps(words), bar, width=300, height=64)


def auth_trend_chart(days: pd.DataFrame, words: Words) -> alt.LayerChart:
    """One sender's messages per day, a bar stacked by authentication protocol."""
    return _over_time(days, AUTH, words, width=420, height=150)


def volume_by_sender_chart(ranking: pd.DataFrame, words: Words) -> alt.LayerChart:
    """Messages of the busiest senders, a bar for each and one for all others.

    `ranking` is what `ranking_data` makes of `answers.volume_by_sender`.
    """
    return _ranking_chart(ranking, words("Sender address"), words)


def volume_by_domain_chart(ranking: pd.DataFrame, words: Words) -> alt.LayerChart:
    """Messages of the busiest sender domains, a bar for each and one for all others.

    `ranking` is what `ranking_data` makes of `answers.volume_by_domain`.
    """
    return _ranking_chart(ranking, words("Sender domain"), words)


def volume_by_sender_ring(ranking: pd.DataFrame, words: Words) -> alt.LayerChart:
    """Microsoft's ring of the busiest senders; `ranking` as `ranking_data` with `RING_TOP` rows."""
    return _ranking_ring(ranking, words("Sender address"), words)


def volume_by_domain_ring(ranking: pd.DataFrame, words: Words) -> alt.LayerChart:
    """Microsoft's ring of the sender domains; `ranking` as `ranking_data` with `RING_TOP` rows."""
    return _ranking_ring(ranking, words("Sender domain"), words)


# --- what they are patched with -------------------------------------------------------------


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

    `names` are the series as they are written, `shown` the places in both of those on screen.
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
    drawn = [place for place, name in enumerate(named) if name in set(shown)]
    return {
        **range_values(volume, scope),
        "others": others,
        "series": [*named, others],
        "names": [*map(show_invisible, named), others],
        "shown": [*drawn, len(named)] if len(drawn) < len(shown) else drawn,
    }


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
    values: dict[str, Any] = range_values(days, scope)
    values["shown"] = [value for value in split.values if value in used]
    return {**values, "gaps": gaps(values, days, covered)}


def trend_values(days: pd.DataFrame, scope: Scope | None = None) -> dict[str, Any]:
    """Return the named values of a trend chart: its days and the TLS versions to explain."""
    return split_values(TLS, days, scope)


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
    values["gaps"] = gaps(values, volume, covered)
    named = volume["sender_domain"].isin(values["series"])
    folded = volume.assign(sender_domain=volume["sender_domain"].where(named, values["others"]))
    keys = ["period_start", "period_end", "sender_domain"]
    counts = folded.groupby(keys, sort=True)["message_count"].sum().reset_index()
    return columns(with_quiet_days(counts, covered or ())), values


def ranking_data(
    ranking: pd.DataFrame, words: Words, *, top: int | None = None
) -> dict[str, list[Any]]:
    """Return the columns of a ranking chart: those of its answer, and what each bar is called.

    `written` is the same without a character that is not seen.
    With `top`, so many rows stand on their own and the others are added up.

    >>> from smtpauth_kit.words import speak
    >>> rows = pd.DataFrame({"sender_domain": ["a.example", None], "domain_count": [1, 12],
    ...     "message_count": [9, 3], "share": [0.75, 0.25]})
    >>> ranking_data(rows, speak("en"))["label"]
    ['a.example', '12 other domains']
    """
    name, counted = ranking.columns[:2]
    if top is not None and len(ranking) > top + 1:
        others = ranking.iloc[top:]
        last = {name: [None], **{column: [others[column].sum()] for column in ranking.columns[1:]}}
        ranking = pd.concat([ranking.head(top), pd.DataFrame(last)], ignore_index=True)
    rest = "{n} other senders" if name == "sender_address" else "{n} other domains"
    table = columns(ranking)
    labels = [
        words(rest, n=int(count)) if value is None else value
        for value, count in zip(table[name], table[counted], strict=True)
    ]
    return {**table, "label": labels, "written": [*map(show_invisible, labels)]}


def gaps(
    values: dict[str, Any], rows: pd.DataFrame, covered: Iterable[dt.date] | None
) -> list[list[str]]:
    """Return the stretches of the range without any figure: the first and last day of each."""
    if covered is None:
        return []
    known = set(covered)
    for first, last in set(zip(rows["period_start"], rows["period_end"], strict=True)):
        known |= set(_days(first, last))
    day = dt.date.fromisoformat
    shown = _days(day(values["first_day"]), day(values["last_day"]))
    stretches: list[list[str]] = []
    for each in (one for one in shown if one not in known):
        if stretches and day(stretches[-1][1]) + _ONE_DAY == each:
            stretches[-1][1] = each.isoformat()
        else:
            stretches.append([each.isoformat(), each.isoformat()])
    return stretches


def _days(first: dt.date, last: dt.date) -> Iterable[dt.date]:
    return (first + n * _ONE_DAY for n in range((last - first).days + 1))


def range_values(rows: pd.DataFrame, scope: Scope | None = None) -> dict[str, str]:
    """Return the first and the last day of a time axis: the scope's, else those of `rows`."""
    if scope is not None and scope.start is not None and scope.end is not None:
        return {"first_day": scope.start.isoformat(), "last_day": scope.end.isoformat()}
    if rows.empty:
        return {name: NO_VALUES[name] for name in ("first_day", "last_day")}
    first, last = min(rows["period_start"]), max(rows["period_end"])
    return {"first_day": first.isoformat(), "last_day": last.isoformat()}


# --- compiled ------------------------------------------------------------------------------


def vega(chart: alt.LayerChart) -> dict[str, Any]:
    """Compile a chart to Vega, without its rows and values; equal charts are compiled once."""
    spec = chart.to_dict()
    spec["data"] = {"name": "rows"}
    for param in spec.get("params", []):
        param["value"] = NO_VALUES[param["name"]]
    return _compiled(json.dumps(spec))


@cache
def empty_vega(
    draw: Callable[[pd.DataFrame, Words], alt.LayerChart], words: Words
) -> dict[str, Any]:
    """Compile the chart that `draw` makes, to be filled with columns and values later.

    That takes seconds with the imports it needs: it is kept in the user's cache folder, under all
    that settles it.

    >>> from smtpauth_kit.words import speak
    >>> empty_vega(tls_usage_chart, speak("en"))["data"][0]["name"]
    'rows'
    """
    kept = Path(user_cache_dir("smtpauth_kit")) / f"{draw.__name__}-{_making(words)}.json"
    with suppress(OSError, ValueError):
        spec: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
        return spec
    made = vega(draw(pd.DataFrame(), words))
    with suppress(OSError):
        _keep(kept, json.dumps(made))
    return made


@cache
def _making(words: Words) -> str:
    """Return a digest of all a compiled chart is made of: this code, its makers, its words."""
    parts = [version(name) for name in ("altair", "vl-convert-python")]
    parts += [
        (files("smtpauth_kit") / f"{module}.py").read_text(encoding="utf-8")
        for module in ("charts", "drawing", "renderer", "splits", "words")
    ]
    parts.append(json.dumps(words.for_script()))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def to_svg(
    spec: dict[str, Any],
    rows: dict[str, list[Any]],
    values: dict[str, Any],
    width: int | None = None,
) -> str:
    """Draw a compiled chart with these columns and values, for where scripts do not run.

    Names at the left get more room than they were measured to need: the fonts of who reads it may
    be a good deal wider than those of this machine.
    """
    data = [
        {**each, "values": drawing.records(rows)} if each["name"] == "rows" else each
        for each in spec["data"]
    ]
    signals = [
        {**each, "value": values[each["name"]]} if each["name"] in values else each
        for each in spec.get("signals", [])
    ]
    named = any(scale["type"] == "band" for scale in spec["scales"])
    padding = {**spec["padding"], "left": _ROOM_FOR_NAMES if named else spec["padding"]["left"]}
    filled = {**spec, "data": data, "signals": signals, "padding": padding}
    svg = renderer.vega_to_svg({**filled, "width": width} if width else filled)
    return re.sub("<path [^>]*>", _slim, svg)


def _slim(path: re.Match[str]) -> str:
    """Return a mark to the hundredth of a pixel; nothing of one that is there for a mouse only.

    No text of an export is inside: an SVG has `<` and `>` of texts and names as entities.
    """
    mark = path.group()
    if mark.endswith(' opacity="0"/>'):
        return ""
    return re.sub(r"(\.\d\d)\d+", r"\1", mark)


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
    made = renderer.javascript_bundle("globalThis.vegaEmbed = vegaEmbed;")
    # On its own: the bundle's thousands of names are not the page's.
    script = f"(() => {{{made}}})();"
    with suppress(OSError):
        _keep(kept, script)
    return script


def _keep(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    replacing.write(path, text.encode())


@lru_cache(maxsize=32)
def _compiled(spec: str) -> dict[str, Any]:
    language = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
    compiled = renderer.vegalite_to_vega(json.loads(spec), language)
    for signal in [each for each in compiled.get("signals", []) if each["name"] == "brush"]:
        signal["on"] = _BRUSH
        compiled["signals"] += _BRUSHING
    _silence(compiled["marks"])
    for labelled in (*compiled.get("axes", []), *compiled.get("legends", [])):
        drawing.keep_signs_whole(labelled)
    return compiled


def _silence(marks: list[dict[str, Any]]) -> None:
    """Hide marks from screen readers: the chart has one text, its finding.

    `configure(aria=False)` hides the single bars and points, and leaves their groups as pictures
    without a name.
    """
    for mark in marks:
        mark["aria"] = False
        _silence(mark.get("marks", []))


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


# --- their parts ---------------------------------------------------------------------------


def _bands(base: alt.Chart, words: Words) -> tuple[alt.Chart, ...]:
    """Draw each count of several days over its days, at its mean per day."""
    base = base.transform_calculate(
        left=f"datum.start - {HALF}", right=f"datum.stop - {HALF}", zero="0"
    ).encode(
        x=drawing.day_axis("left:T", words),
        x2="right:T",
        y=drawing.count_axis("per_day:Q", words("Messages per day")),
        color=_series_color(),
        tooltip=drawing.when({"domain": words("Sender domain")}, words),
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
            x=drawing.day_axis("start:T", words),
            y=drawing.count_axis("per_day:Q", words("Messages per day"), stack=None),
            color=_series_color(),
        )
    )
    legend = drawing.series_legend()
    point = stretch.encode(
        shape=alt.Shape("line:N", scale=drawing.series_scale(SHAPES), legend=legend),
        tooltip=drawing.when({"domain": words("Sender domain")}, words),
    )
    many = f"({drawing.days_shown()}) > 45"
    size = alt.value({"expr": f"{drawing.days_shown()} > 150 ? 7 : {many} ? 26 : 52"})
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


def _spread(base: alt.Chart) -> alt.Chart:
    """Make a bar as wide as its days, with a little room between it and the next.

    Of few days it is no wider than 120 pixels.
    """
    widest = f"60 * {drawing.days_shown()} / width"
    return base.transform_calculate(
        half=f"{DAY} * (datum.days > 1 ? 0.36 : min(0.36, {widest}))"
    ).transform_calculate(left="datum.start - datum.half", right=f"datum.stop - {DAY} + datum.half")


def _stacked(base: alt.Chart, split: Split, words: Words) -> alt.Chart:
    whole: dict[str, Any] = {"groupby": ["start", "stop"]}
    return (
        _named(_spread(drawing.per_day(base, split.column, words)), split, words)
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


def _usage_chart(
    usage: pd.DataFrame,
    split: Split,
    words: Words,
    *,
    of: str = "message_count",
    heading: str | None = None,
) -> alt.LayerChart:
    """Draw a bar per value of a split, its percentage and count beside it in columns."""
    base = _shares(alt.Chart(), split, words, of=of, heading=heading)
    color = drawing.split_color(split)
    return _bars(usage, base, "named", words, color=color, axis=drawing.bare_axis())


def _ranking_chart(ranking: pd.DataFrame, heading: str, words: Words) -> alt.LayerChart:
    """Draw a bar for each row in its order, its percentage and count beside it in columns."""
    base = _ranked(heading, words)
    color = alt.Color(
        "rest:N", scale=alt.Scale(domain=[False, True], range=[COLORS[0], COLORS[-1]]), legend=None
    )
    axis = drawing.bare_axis(labelExpr="data('rows')[datum.value - 1].written", labelLimit=280)
    # The names are others at each change, and may be longer: room is made for them anew.
    size = alt.AutoSizeParams(type="fit-x", contains="padding", resize=True)
    return _bars(ranking, base, "place", words, color=color, axis=axis).properties(autosize=size)


def _ranked(heading: str, words: Words) -> alt.Chart:
    base = (
        alt.Chart()
        .transform_window(place="row_number()")
        .transform_calculate(rest="datum.sender_address == null && datum.sender_domain == null")
    )
    return _in_words(base, "message_count").encode(
        tooltip=drawing.tips({"label": heading, "text": words("Messages")})
    )


def _ranking_ring(ranking: pd.DataFrame, heading: str, words: Words) -> alt.LayerChart:
    base = _ranked(heading, words).transform_calculate(
        slice="datum.rest ? 0 : datum.place", named="datum.written"
    )
    scale = alt.Scale(domain=[*range(1, len(COLORS)), 0], range=list(COLORS))
    return _ring(ranking, base, alt.Color("slice:N", scale=scale, legend=None), words)


def _ring(rows: pd.DataFrame, base: alt.Chart, color: alt.Color, words: Words) -> alt.LayerChart:
    """Draw a slice for each row with its name beside it; a thin one is named by its tooltip."""
    base = (
        base.transform_filter("datum.share > 0")
        .transform_stack(["from", "to"], stack="share", groupby=[], sort=[alt.SortField("place")])
        .transform_calculate(
            middle="(datum.from + datum.to) / 2",
            beside=f"{drawing.cut('datum.named', 24)} + ': ' + datum.percent",
        )
    )
    whole = alt.Scale(domain=[0, 1])
    ring = base.mark_arc(innerRadius=50, outerRadius=80, cursor="pointer").encode(
        theta=alt.Theta("from:Q", scale=whole), theta2="to:Q", color=color
    )
    # Away from the ring, so that the names of two slices at its top or foot keep clear.
    side = "sin(datum.middle * 2 * PI)"
    align = {"expr": f"{side} > 0.1 ? 'left' : {side} < -0.1 ? 'right' : 'center'"}
    names = base.transform_filter("datum.share >= 0.04").mark_text(
        radius=98, align=align, baseline="middle"
    )
    names = names.encode(theta=alt.Theta("middle:Q", scale=whole), text="beside:N")
    return drawing.finish(rows, words, ring, names, width=460, height=230)


def _bars(
    rows: pd.DataFrame,
    base: alt.Chart,
    name: str,
    words: Words,
    *,
    color: alt.Color,
    axis: alt.Axis,
) -> alt.LayerChart:
    base = base.encode(
        y=alt.Y(f"{name}:N", sort=alt.EncodingSortField("place", op="min"), axis=axis)
    )
    full = base.mark_bar(color="currentColor", opacity=0.07, height=22, cursor="pointer")
    bars = base.mark_bar(height=22, cursor="pointer").encode(
        x=drawing.share_axis("share:Q"), color=color
    )
    percent, count = base.mark_text(align="right"), base.mark_text(align="right")
    texts = (
        percent.encode(x=alt.value({"expr": "width + 84"}), text="percent:N"),
        count.encode(x=alt.value({"expr": "width + 170"}), text="count:N"),
    )
    whole = full.encode(x=drawing.share_axis("whole:Q"))
    return drawing.finish(rows, words, whole, bars, *texts, width=860, height={"step": 38})


def _shares(
    base: alt.Chart,
    split: Split,
    words: Words,
    *,
    of: str = "message_count",
    heading: str | None = None,
) -> alt.Chart:
    """Give each value of a split its place, its name, and its share and count in words."""
    titles = {"named": words(split.heading), "text": heading or words("Messages")}
    return _in_words(_named(base, split, words), of).encode(tooltip=drawing.tips(titles))


def _in_words(base: alt.Chart, of: str) -> alt.Chart:
    count = f"format(datum.{of}, ',')"
    return base.transform_calculate(
        percent=drawing.percent("datum.share"), count=f"'(' + {count} + ')'", whole="1"
    ).transform_calculate(text=f"{count} + '  (' + datum.percent + ')'")


def _named(base: alt.Chart, split: Split, words: Words) -> alt.Chart:
    value, titles = f"datum.{split.column}", json.dumps(split.titles(words))
    place = f"indexof({json.dumps(list(split.values))}, {value})"
    return base.transform_calculate(named=f"{titles}[{value}]", place=place)
