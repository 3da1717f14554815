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
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
from platformdirs import user_cache_dir

from smtpauth_kit.answers import Scope
from smtpauth_kit.base import replacing
from smtpauth_kit.views import drawing, renderer
from smtpauth_kit.views.breakdowns import Breakdown
from smtpauth_kit.views.drawing import COLORS, DAY, HALF, NO_VALUES
from smtpauth_kit.views.drawing import columns as columns
from smtpauth_kit.words.words import Words

if TYPE_CHECKING:
    import altair as alt
else:
    from smtpauth_kit.views.altair_on_first_use import altair as alt

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


def spark_chart(days: pd.DataFrame, words: Words) -> alt.LayerChart:
    """Return the trend of a card: a small bar for each day, without an axis of counts.

    `days` has message_count for period_start and period_end, any number of rows for each.
    """
    values = {**range_values(days), "gaps": []}
    base = drawing.timeline(values).transform_calculate(all="'all'")
    bars = (
        spread(drawing.per_day(base, "all", words))
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


# --- what they are patched with -------------------------------------------------------------


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

    >>> from smtpauth_kit.views.usage import tls_usage_chart
    >>> from smtpauth_kit.words.words import speak
    >>> empty_vega(tls_usage_chart, speak("en"))["data"][0]["name"]
    'rows'
    """
    kept = (
        Path(user_cache_dir("smtpauth_kit"))
        / f"{draw.__name__}-{_making(draw.__module__, words)}.json"
    )
    with suppress(OSError, ValueError):
        spec: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
        return spec
    made = vega(draw(pd.DataFrame(), words))
    with suppress(OSError):
        _keep(kept, json.dumps(made))
    return made


@cache
def _making(draws: str, words: Words) -> str:
    """Return a digest of all a compiled chart is made of: its code, its makers, its words."""
    parts = [version(name) for name in ("altair", "vl-convert-python")]
    shared = (
        "views.charts", "views.drawing", "views.renderer", "views.breakdowns", "words.words"
    )  # fmt: skip
    modules = [draws, *(f"smtpauth_kit.{module}" for module in shared)]
    sources = (find_spec(module) for module in modules)
    parts += [Path(str(spec and spec.origin)).read_text(encoding="utf-8") for spec in sources]
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
    return (files("smtpauth_kit.views") / "static" / name).read_text(encoding="utf-8")


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


# --- their parts ---------------------------------------------------------------------------


def spread(base: alt.Chart) -> alt.Chart:
    """Make a bar as wide as its days, with a little room between it and the next.

    Of few days it is no wider than 120 pixels.
    """
    widest = f"60 * {drawing.days_shown()} / width"
    return base.transform_calculate(
        half=f"{DAY} * (datum.days > 1 ? 0.36 : min(0.36, {widest}))"
    ).transform_calculate(left="datum.start - datum.half", right=f"datum.stop - {DAY} + datum.half")


def usage_chart(
    usage: pd.DataFrame,
    breakdown: Breakdown,
    words: Words,
    *,
    of: str = "message_count",
    heading: str | None = None,
) -> alt.LayerChart:
    """Draw a bar per value of a breakdown, its percentage and count beside it in columns."""
    base = shares(alt.Chart(), breakdown, words, of=of, heading=heading)
    color = drawing.breakdown_color(breakdown)
    return bars(usage, base, "named", words, color=color, axis=drawing.bare_axis())


def ring(rows: pd.DataFrame, base: alt.Chart, color: alt.Color, words: Words) -> alt.LayerChart:
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


def bars(
    rows: pd.DataFrame,
    base: alt.Chart,
    name: str,
    words: Words,
    *,
    color: alt.Color,
    axis: alt.Axis,
) -> alt.LayerChart:
    """Draw a bar for each row in its place, its percentage and count beside it in columns."""
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


def shares(
    base: alt.Chart,
    breakdown: Breakdown,
    words: Words,
    *,
    of: str = "message_count",
    heading: str | None = None,
) -> alt.Chart:
    """Give each value of a breakdown its place, its name, and its share and count in words."""
    titles = {"named": words(breakdown.heading), "text": heading or words("Messages")}
    return in_words(named(base, breakdown, words), of).encode(tooltip=drawing.tips(titles))


def in_words(base: alt.Chart, of: str) -> alt.Chart:
    """Give each row its share and the count `of` as texts."""
    count = f"format(datum.{of}, ',')"
    return base.transform_calculate(
        percent=drawing.percent("datum.share"), count=f"'(' + {count} + ')'", whole="1"
    ).transform_calculate(text=f"{count} + '  (' + datum.percent + ')'")


def named(base: alt.Chart, breakdown: Breakdown, words: Words) -> alt.Chart:
    """Give each row the name of its value of a breakdown, and the place of that in its order."""
    value, titles = f"datum.{breakdown.column}", json.dumps(breakdown.titles(words))
    place = f"indexof({json.dumps(list(breakdown.values))}, {value})"
    return base.transform_calculate(named=f"{titles}[{value}]", place=place)
