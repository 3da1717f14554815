"""A picture of each table, for the page: bars beside their baseline, or lines that grow.

They are written in Vega-Lite itself and drawn by the kit's renderer: Altair would say the same, and
importing it takes longer than all the drawing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from measuring import Cell, Table

from smtpauth_kit.views.renderer import vega_to_svg, vegalite_to_vega

BASELINE, FIGURE = "#9aa0a6", "#0f6cbd"
"""The baseline is grey, what is compared with it is blue."""

WIDTH, BAR, LINES = 440, 18, 240

Spec = dict[str, Any]


class Point(NamedTuple):
    """A figure that is drawn, under plain names."""

    part: str
    label: str
    is_baseline: bool
    value: float
    along: float


def svg(table: Table) -> str:
    """Return the picture of a table as SVG."""
    picture = table.picture
    spec = _grid(table) if picture.is_grid else _lines(table) if picture.along else _bars(table)
    # The page has the figures in its tables, for those who hear it: as labels they are half a file.
    silent = {part: {"aria": False} for part in ("axis", "legend", "title")}
    config = {"view": {"stroke": None}, "aria": False, **silent}
    plain = {"background": "white", "padding": 8, "config": config}
    return vega_to_svg(vegalite_to_vega({**spec, **plain}))


def points(table: Table) -> list[Point]:
    """Return the figures that are drawn, in the order of the table: what is no number is not."""
    picture = table.picture
    found = []
    for row in table.records():
        value, along = row[picture.value], row[picture.along] if picture.along else 0
        if isinstance(value, int | float) and isinstance(along, int | float):
            part = shown_word(row[picture.part]) if picture.part else ""
            label = shown_word(row[picture.label])
            found.append(Point(part, label, label in table.baselines, value, along))
    return found


def shown_word(cell: Cell) -> str:
    """Return a cell as the name of a part or a label."""
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def _by_part(drawn: Sequence[Point]) -> dict[str, list[Point]]:
    parts: dict[str, list[Point]] = {}
    for point in drawn:
        parts.setdefault(point.part, []).append(point)
    return parts


def _bars(table: Table) -> Spec:
    """Return a bar for each row, its figure at its end."""
    parts = _by_part(points(table))
    charts = [_bars_of(part, of_part, table) for part, of_part in parts.items()]
    return {"vconcat": charts, "spacing": 14, "resolve": {"scale": {"x": "independent"}}}


def _bars_of(part: str, drawn: list[Point], table: Table) -> Spec:
    # Rows that are named alike are bars of their own.
    rows = [{"row": f"{n:03d}", **point._asdict()} for n, point in enumerate(drawn)]
    labels = json.dumps({row["row"]: row["label"] for row in rows}, ensure_ascii=False)
    axis = {
        "title": None, "labelLimit": 420, "ticks": False, "domain": False,
        "labelExpr": f"({labels})[datum.value]",
    }  # fmt: skip
    unit = _unit(table)
    colour = {"condition": {"test": "datum.is_baseline", "value": BASELINE}, "value": FIGURE}
    text = {
        "field": "value",
        "type": "quantitative",
        "format": ",.3~s" if unit == "n" else ",.3~r",
    }
    return {
        "data": {"values": rows},
        "title": {"text": part, "anchor": "start", "fontSize": 11},
        "width": WIDTH,
        "height": {"step": BAR},
        "encoding": {
            "y": {"field": "row", "type": "nominal", "sort": None, "axis": axis},
            "x": {"field": "value", "type": "quantitative", "title": _title(table)},
        },
        "layer": [
            {"mark": "bar", "encoding": {"color": colour}},
            {
                "mark": {"type": "text", "align": "left", "dx": 3, "fontSize": 10},
                "encoding": {"text": text},
            },
        ],
    }


def _lines(table: Table) -> Spec:
    """Return a line for each label, over a column of numbers; both axes by factors."""
    drawn = [point for point in points(table) if point.value > 0 and point.along > 0]
    order = list(dict.fromkeys(point.label for point in drawn))
    charts = [_lines_of(part, of_part, order, table) for part, of_part in _by_part(drawn).items()]
    resolve = {"scale": {"color": "shared"}}
    return {"concat": charts, "columns": 2, "spacing": 24, "resolve": resolve}


def _lines_of(part: str, drawn: list[Point], order: list[str], table: Table) -> Spec:
    def axis(field: str, title: str, form: str) -> Spec:
        scale = {"type": "log", "nice": False, "padding": 8}
        marks = {"format": form, "tickCount": 5}
        return {
            "field": field,
            "type": "quantitative",
            "title": title,
            "scale": scale,
            "axis": marks,
        }

    return {
        "data": {"values": [point._asdict() for point in drawn]},
        "title": {"text": part, "anchor": "start", "fontSize": 11},
        "width": LINES,
        "height": LINES,
        "mark": {"type": "line", "point": True},
        "encoding": {
            "x": axis("along", table.picture.along, "~s"),
            "y": axis("value", _title(table), "~r"),
            "color": {
                "field": "label", "type": "nominal", "sort": order, "title": None,
                "legend": {"labelLimit": 300, "columns": 1}, **_colours(order, table),
            },
        },
    }  # fmt: skip


def _colours(order: list[str], table: Table) -> Spec:
    """Return the colours of a baseline and of what it is compared with; of others, any."""
    if len(order) != 2 or not set(order) & set(table.baselines):
        return {}
    colours = [BASELINE if label in table.baselines else FIGURE for label in order]
    return {"scale": {"domain": order, "range": colours}}


def _grid(table: Table) -> Spec:
    """Return a field for each label and part: its factor, the darker the more."""
    drawn = [point for point in points(table) if point.value > 0]
    order = {
        name: list(dict.fromkeys(getattr(p, name) for p in drawn)) for name in ("label", "part")
    }
    top = {"orient": "top", "labelAngle": 0, "labelExpr": "split(datum.label, ':')[0]"}
    scale = {"type": "log", "domain": [0.5, 1, 10], "range": ["#d8efe0", "#f6f6f6", "#b3541e"]}
    return {
        "data": {"values": [point._asdict() for point in drawn]},
        "width": {"step": 90},
        "height": {"step": BAR},
        "encoding": {
            "x": {
                "field": "part", "type": "nominal", "sort": order["part"], "title": None,
                "axis": top,
            },
            "y": {"field": "label", "type": "nominal", "sort": order["label"], "title": None},
        },
        "layer": [
            {
                "mark": "rect",
                "encoding": {
                    "color": {
                        "field": "value", "type": "quantitative", "legend": None,
                        "scale": {**scale, "clamp": True},
                    },
                },
            },
            {
                "mark": {"type": "text", "fontSize": 10},
                "encoding": {"text": {"field": "value", "type": "quantitative", "format": ".2~f"}},
            },
        ],
    }  # fmt: skip


def _unit(table: Table) -> str:
    return next(c.unit for c in table.columns if c.title == table.picture.value)


def _title(table: Table) -> str:
    value, unit = table.picture.value, _unit(table)
    is_said = unit in ("", "n", "x", "share") or unit in value.replace(",", " ").split()
    return value if is_said else f"{value}, {unit}"
