"""Charts compiled to Vega once, and drawn from that: in a browser, or as an SVG picture.

A chart's form never depends on its data. What differs between two answers travels beside it: the
columns of its one dataset `rows`, and a few named values (`drawing.NO_VALUES` lists them). So a
chart is compiled once, and a chart on screen is patched, never drawn again.

What a mouse does comes out of a chart in two ways. A click on a mark gives a datum that holds the
field to filter by (`sender_domain`, `tls_version`, `auth_protocol` or `sender_address`; null for
all others together), one on a legend entry a datum whose `value` it is. Days dragged over are the
named value `brush`: null, or the first instant of the first day and the last of the last, in
milliseconds UTC; the keyboard sets the same (`dayKeys` in `static/chart.js`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from contextlib import suppress
from functools import cache, lru_cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
from platformdirs import user_cache_dir

from smtpauth_kit.base import replacing
from smtpauth_kit.views import drawing, json_rows, renderer
from smtpauth_kit.views.drawing import NO_VALUES
from smtpauth_kit.views.over_days import DAY, HALF
from smtpauth_kit.words.words import Words

if TYPE_CHECKING:
    import altair as alt
else:
    from smtpauth_kit.views.altair_on_first_use import altair as alt

_ROOM_FOR_NAMES: Final = 45
"""Pixels left of a chart with names at its left: the reader's font may be wider than measured."""

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


def vega(chart: alt.LayerChart) -> dict[str, Any]:
    """Compile a chart to Vega, without its rows and values; equal charts are compiled once."""
    spec = chart.to_dict(validate=False)
    spec["data"] = {"name": "rows"}
    for param in spec.get("params", []):
        param["value"] = NO_VALUES[param["name"]]
    return _compiled(json.dumps(spec))


@cache
def empty_vega(
    draw: Callable[[pd.DataFrame, Words], alt.LayerChart], words: Words
) -> dict[str, Any]:
    """Compile the chart that `draw` makes, to be filled with columns and values later.

    With the imports it needs that takes seconds, so the result is kept in the user's cache folder,
    under a name that changes with the code, the libraries and the words it is made of.

    >>> from smtpauth_kit.views.usage import tls_usage_chart
    >>> from smtpauth_kit.words.words import speak
    >>> empty_vega(tls_usage_chart, speak("en"))["data"][0]["name"]
    'rows'
    """
    kept = Path(user_cache_dir("smtpauth_kit")) / f"{draw.__name__}-{_maker(words)}.json"
    with suppress(OSError, ValueError):
        spec: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
        return spec
    with alt.unchecked():
        made = vega(draw(pd.DataFrame(), words))
    with suppress(OSError):
        _keep(kept, json.dumps(made))
    return made


@cache
def _maker(words: Words) -> str:
    """Return a digest of all that decides what a chart compiles to: code, libraries, words."""
    parts = [version(name) for name in ("altair", "vl-convert-python")]
    code = [*files("smtpauth_kit.views").iterdir(), files("smtpauth_kit.words") / "words.py"]
    modules = sorted((file for file in code if file.name.endswith(".py")), key=lambda f: f.name)
    parts += [module.read_text(encoding="utf-8") for module in modules]
    parts.append(json.dumps(words.for_script()))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def to_svg(
    spec: dict[str, Any],
    rows: dict[str, list[Any]],
    values: dict[str, Any],
    width: int | None = None,
) -> str:
    """Draw a compiled chart with these columns and named values as SVG, for where no script runs.

    Names at the left get more room than they need here: the reader's font may be wider.
    """
    data = [
        {**each, "values": json_rows.records(rows)} if each["name"] == "rows" else each
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
    """Round a mark's path to hundredths of a pixel; drop one that only serves the mouse.

    No text of an export is inside: an SVG has `<` and `>` of texts and names as entities.
    """
    mark = path.group()
    if mark.endswith(' opacity="0"/>'):
        return ""
    return re.sub(r"(\.\d\d)\d+", r"\1", mark)


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


# --- scripts and stylesheets ---------------------------------------------------------------


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
    # Inside a function: the bundle's thousands of names must not become names of the page.
    script = f"(() => {{{made}}})();"
    with suppress(OSError):
        _keep(kept, script)
    return script


def _keep(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    replacing.write(path, text.encode())
