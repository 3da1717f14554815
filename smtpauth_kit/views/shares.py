"""Charts of shares: a bar or a slice of a ring for each part of a whole, with its percentage."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd

from smtpauth_kit.views import drawing
from smtpauth_kit.views.breakdowns import Breakdown
from smtpauth_kit.words.words import UNTOLD, Words

if TYPE_CHECKING:
    import altair as alt
else:
    from smtpauth_kit.views.altair_on_first_use import altair as alt

_UNTOLD = json.dumps(UNTOLD)


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
    """Give each row its share and the count `of` as texts; of what no source tells, a dash."""
    untold, count = f"!isValid(datum.{of})", f"format(datum.{of}, ',')"
    return base.transform_calculate(
        percent=f"{untold} ? {_UNTOLD} : {drawing.percent('datum.share')}",
        count=f"{untold} ? '' : '(' + {count} + ')'",
        whole="1",
    ).transform_calculate(text=f"{untold} ? {_UNTOLD} : {count} + '  (' + datum.percent + ')'")


def named(base: alt.Chart, breakdown: Breakdown, words: Words) -> alt.Chart:
    """Give each row the name of its value of a breakdown, and the place of that in its order."""
    value, titles = f"datum.{breakdown.column}", json.dumps(breakdown.titles(words))
    place = f"indexof({json.dumps(list(breakdown.values))}, {value})"
    return base.transform_calculate(named=f"{titles}[{value}]", place=place)
