"""What charts over days are drawn with: time axis, weekends, days without data, brushed days.

Days are instants in UTC, in milliseconds; the axis goes from the named value `first_day` to
`last_day`.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from smtpauth_kit.answers import Scope
from smtpauth_kit.views import drawing
from smtpauth_kit.views.drawing import COLORS, NO_VALUES
from smtpauth_kit.words.words import Words

if TYPE_CHECKING:
    import altair as alt
else:
    from smtpauth_kit.views.altair_on_first_use import altair as alt

DAY: Final = 86_400_000
HALF: Final = DAY // 2
"""A day stands half a day to both sides of its midnight, so that its mark is over its label."""

_WEEKENDS_UP_TO: Final = 120
"""Weekends are shaded in ranges of at most so many days: in longer ones they are too thin."""
_ONE_DAY: Final = dt.timedelta(days=1)


# --- the named values of a chart over days ---------------------------------------------------


def stretches_without_data(
    values: dict[str, Any], rows: pd.DataFrame, covered: Iterable[dt.date] | None
) -> list[list[str]]:
    """Return the first and last day of each stretch of the axis without any figure.

    `covered` are the days the source says something about; None: that is not known.
    """
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


def parts_of(scope: Scope | None) -> list[str]:
    """Return the days of a scope that are covered only in part."""
    return sorted({part.day.isoformat() for part in scope.parts}) if scope else []


# --- its rows and layers ---------------------------------------------------------------------


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
    """Add up the rows of each period and series; give each its mean per day and tooltip texts."""
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


def axis_title(base: alt.Chart, per_day: str, mean: str, otherwise: str = "") -> alt.Chart:
    """Return the title over an axis of counts: a period of several days is drawn at its mean.

    `base` has the rows with `start` and `stop`; `otherwise` is an expression that is text where the
    axis counts nothing, else null.
    """
    text = f"datum.most > 1 ? {json.dumps(mean)} : {json.dumps(per_day)}"
    if otherwise:
        text = f"{otherwise} || ({text})"
    drawn: alt.Chart = (
        base.transform_calculate(days=f"(datum.stop - datum.start) / {DAY}")
        .transform_aggregate(most="max(days)")
        .transform_calculate(title=text)
        .mark_text(align="left", fontSize=12)
        .encode(x=alt.value(0), y=alt.value(-14), text="title:N")
    )
    return drawn


def days_shown() -> str:
    """Return the expression for how many days the axis has."""
    return f"((toDate(last_day) - toDate(first_day)) / {DAY} + 1)"


def backdrop(words: Words, *, brush: bool = False, mark: str = "") -> tuple[alt.Chart, ...]:
    """Return the layers behind the days: weekends, chosen days, days without data, a caption.

    `mark` is the key of the words that say what the days under a line are; empty: there is none.
    """
    one = alt.Chart(alt.InlineData(values=[{}]))
    shaded = _span(_weekends(one), words).mark_rect(color="currentColor", opacity=0.06)
    return (
        shaded,
        *([_brushed(one, words)] if brush else []),
        *(_marked(one, words) if mark else []),
        *gap_layers(words),
        *_part_layers(one, words),
        _caption(one, words, mark=mark),
    )


def day_keys(
    words: Words, field: str, titles: Mapping[str, str] = MappingProxyType({})
) -> dict[str, Any]:
    """Return the texts for choosing days by keyboard, and for what a day answers to the mouse.

    `dayKeys` and `dayHover` in `static/chart.js` read them; `field` is the column that the chart
    tells apart, `titles` what its values are called where they have another name.
    """
    said = {
        "label": words("Days for the table"),
        "all": words("All days"),
        "range": words.texts["{start} to {end}"],
        "help": words("Arrow keys: a day. With Shift: more days. Esc: all days."),
        "language": words.language,
        "total": words("Total"),
        "field": field,
        "titles": dict(titles),
    }
    return {"days": said}


def _brushed(one: alt.Chart, words: Words) -> alt.Chart:
    base = one.transform_filter("brushing != null").transform_calculate(
        left=f"brushing[0] - {HALF}", right=f"brushing[1] + 1 - {HALF}"
    )
    drawn: alt.Chart = _span(base, words).mark_rect(color=COLORS[0], opacity=0.2)
    return drawn


def _marked(one: alt.Chart, words: Words) -> tuple[alt.Chart, alt.Chart]:
    """Mark the days asked for among all days: a tint, and a line above it."""
    base = one.transform_filter("asked != null").transform_calculate(
        left=f"max(toDate(asked[0]), toDate(first_day)) - {HALF}",
        right=f"min(toDate(asked[1]), toDate(last_day)) + {HALF}",
    )
    base = _span(base.transform_filter("datum.left < datum.right"), words)
    line = base.mark_rule(color=COLORS[0], strokeWidth=3).encode(y=alt.value(0))
    return base.mark_rect(color=COLORS[0], opacity=0.12), line


def _weekends(one: alt.Chart) -> alt.Chart:
    every = f"sequence(toDate(first_day), toDate(last_day) + {DAY}, {DAY})"
    return (
        one.transform_calculate(day=f"{days_shown()} > {_WEEKENDS_UP_TO} ? [] : {every}")
        .transform_flatten(["day"])
        .transform_filter("utcday(datum.day) % 6 == 0")
        .transform_calculate(left=f"datum.day - {HALF}", right=f"datum.day + {HALF}")
    )


def gap_layers(words: Words) -> tuple[alt.Chart, ...]:
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


def _part_layers(one: alt.Chart, words: Words) -> tuple[alt.Chart, ...]:
    """Draw a dotted outline round each day that is covered only in part, with a text in it."""
    base = (
        one.transform_calculate(part="parts")
        .transform_flatten(["part"])
        .transform_calculate(day="toDate(datum.part)")
        .transform_calculate(left=f"datum.day - {HALF}", right=f"datum.day + {HALF}")
    )
    outline = _span(base, words).mark_rect(
        fill="currentColor", fillOpacity=0.04, stroke="currentColor", strokeDash=[2, 4], opacity=0.6
    )
    width = "(scale('x', datum.right) - scale('x', datum.left))"
    name = base.mark_text(baseline="top", fontSize=11).encode(
        x=day_axis("day:T", words),
        y=alt.value(4),
        text=alt.value(words("in part")),
        opacity=alt.value({"expr": f"{width} > {7 * len(words('in part'))} ? 0.8 : 0"}),
    )
    return outline, name


def _caption(one: alt.Chart, words: Words, *, mark: str = "") -> alt.Chart:
    """Say below the days what their shading and dashes mean."""
    # A range of fewer than six days has a weekend when it starts or ends in one, or wraps round.
    first, last = "utcday(toDate(first_day))", "utcday(toDate(last_day))"
    has_weekend = (
        f"({days_shown()} >= 6 || {first} % 6 == 0 || {last} % 6 == 0 || {last} < {first})"
        f" && {days_shown()} <= {_WEEKENDS_UP_TO}"
    )
    shaded, dashed = words("Shaded: Saturday and Sunday."), words("Dashed: no data.")
    dotted = words("Dotted: covered in part.")
    text = (
        f"({has_weekend} ? {json.dumps(shaded + '  ')} : '')"
        f" + (length(gaps) ? {json.dumps(dashed + '  ')} : '')"
        f" + (length(parts) ? {json.dumps(dotted + '  ')} : '')"
    )
    if mark:
        text += f" + (asked ? {json.dumps(words(mark))} : '')"
    drawn: alt.Chart = one.mark_text(align="left", fontSize=11, opacity=0.75).encode(
        x=alt.value(0), y=alt.value({"expr": "height + 38"}), text=alt.value({"expr": text})
    )
    return drawn


def _span(base: alt.Chart, words: Words) -> alt.Chart:
    return base.encode(x=day_axis("left:T", words), x2="right:T")


def spread(base: alt.Chart) -> alt.Chart:
    """Make a bar as wide as its days, with a little room between it and the next.

    Of few days it is no wider than 120 pixels.
    """
    widest = f"60 * {days_shown()} / width"
    return base.transform_calculate(
        half=f"{DAY} * (datum.days > 1 ? 0.36 : min(0.36, {widest}))"
    ).transform_calculate(left="datum.start - datum.half", right=f"datum.stop - {DAY} + datum.half")


def day_axis(field: str, words: Words) -> alt.X:
    """Return a UTC axis over every day of the range, half a day wider at both ends."""
    domain = [{"expr": f"toDate(first_day) - {HALF}"}, {"expr": f"toDate(last_day) + {HALF}"}]
    label = f"utcFormat(datum.value, {_WITH_YEAR} ? '{words('%b %-d, %Y')}' : '{words('%b %-d')}')"
    return alt.X(
        field,
        scale=alt.Scale(type="utc", domainMin=domain[0], domainMax=domain[1], nice=False),
        axis=alt.Axis(
            title=None,
            labelExpr=label,
            labelFlush=False,
            labelOverlap="greedy",
            labelSeparation=8,
            grid=False,
            values={"expr": f"sequence(toDate(first_day), toDate(last_day) + 1, {_step()})"},
        ),
    )


_WITH_YEAR: Final = f"{days_shown()} > 300"


def _step() -> str:
    """Return the expression for the time between two dates of the axis; its first day has one.

    Vega's own choice of Sundays and first days of a month leaves a narrow chart with one date.
    """
    fit = f"max(1, floor(width / ({_WITH_YEAR} ? 88 : 56)))"
    days = f"ceil(({days_shown()} - 1) / {fit})"
    whole_weeks = f"7 * pow(2, ceil(log(max({days}, 7) / 7) / log(2)))"
    return f"{DAY} * ({days} <= 3 ? max({days}, 1) : {whole_weeks})"


def when(more: dict[str, str], words: Words, counted: str = "Messages") -> list[alt.Tooltip]:
    """Return the tooltip of a day: when, what and how many; `counted` is the key of what of."""
    return drawing.tips({"when": words("Day"), **more, "text": words(counted)})
