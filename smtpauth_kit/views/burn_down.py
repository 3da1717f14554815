"""The burn-down as a chart: senders and messages on Basic auth and old TLS by week, to the end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final, Literal

import pandas as pd

from smtpauth_kit.views import drawing, json_rows, over_days
from smtpauth_kit.views.breakdowns import Breakdown
from smtpauth_kit.views.details_table import Column, table_data
from smtpauth_kit.views.over_days import DAY
from smtpauth_kit.views.readiness import Ready
from smtpauth_kit.views.sender_card import days_text
from smtpauth_kit.words.words import Words

if TYPE_CHECKING:
    import altair as alt
else:
    from smtpauth_kit.views.altair_on_first_use import altair as alt

Counted = Literal["sender", "message"]

_SERIES: Final = Breakdown(
    column="series",
    values=("basic", "legacy_tls"),
    colors=("#d55e00", "#7d6fd0"),
    shapes=("triangle-down", "square"),
    heading="What",
    titles=lambda words: {"basic": words("Basic auth"), "legacy_tls": words("TLS 1.0/1.1")},
)

_ROWS: Final = (
    "part", "series", "period_start", "period_end", "count", "is_complete", "when", "name", "text",
)  # fmt: skip


def burn_down_senders_chart(rows: pd.DataFrame, words: Words) -> alt.LayerChart:
    """Senders per week on Basic auth and on TLS 1.0 and 1.1, and how many are left in the end.

    `rows` are what `data` makes. A week that is not complete is a hollow mark; a dashed line goes
    from who is left on the last day loaded to the day on which Basic auth goes.
    """
    return _chart(rows, words, "Senders per week")


def burn_down_messages_chart(rows: pd.DataFrame, words: Words) -> alt.LayerChart:
    """Messages per week on Basic auth and on TLS 1.0 and 1.1; else as of senders."""
    return _chart(rows, words, "Messages per week")


CHARTS: Final[dict[str, Callable[[pd.DataFrame, Words], alt.LayerChart]]] = {
    "burn-down-senders": burn_down_senders_chart,
    "burn-down-messages": burn_down_messages_chart,
}
"""What draws the weeks, by name."""

HEADINGS: Final = {
    "burn-down-senders": "Senders per week", "burn-down-messages": "Messages per week",
}  # fmt: skip
"""Keys of the words."""

_COUNTS: Final[dict[str, Counted]] = {
    "burn-down-senders": "sender", "burn-down-messages": "message",
}  # fmt: skip


def statement(ready: Ready, words: Words) -> str:
    """Say in one sentence who is left, and at this pace on the last day."""
    return words.told(ready.burn_down.beside["statement"])


def help_text(ready: Ready, words: Words) -> str:
    """Say what the marks of the charts mean; empty where every week is complete."""
    weeks = ready.burn_down.rows
    is_whole = weeks.empty or all(weeks["is_complete"])
    return "" if is_whole else words("Hollow: a week of which a day is in no file, or not over.")


def data(name: str, ready: Ready, words: Words) -> tuple[dict[str, list[Any]], dict[str, Any]]:
    """Return the columns and the named values of a chart of the weeks.

    A row is a week of a series (part "week"), who is left on the last day loaded ("left") and in
    the end ("end"), or the day on which Basic auth goes ("date"): period_start, period_end, count,
    and its texts: when, name and text.
    """
    counted = _COUNTS[name]
    rows = pd.DataFrame(_rows(ready, counted, words), columns=list(_ROWS), dtype=object)
    values: dict[str, Any] = over_days.range_values(rows)
    told = rows[(rows["part"] == "week") & rows["count"].notna()]
    values["shown"] = [series for series in _SERIES.values if series in set(told["series"])]
    return json_rows.columns(rows), values


def _rows(ready: Ready, counted: Counted, words: Words) -> Iterator[dict[str, Any]]:
    weeks = ready.burn_down.rows.to_dict("records")
    if not weeks:
        return
    for week in weeks:
        for series in _SERIES.values:
            yield _week(week, series, week[f"{series}_{counted}_count"], counted, words)
    if counted == "sender":
        yield from _ahead(ready, words)
    day = ready.retirement
    if day >= weeks[0]["week_start"]:
        gone = words("Basic auth goes: {day}", day=words.date(day))
        yield _point("date", day, None, when=words.date(day), name=gone, text=gone)


def _week(
    week: Any, series: str, count: int | None, counted: Counted, words: Words
) -> dict[str, Any]:
    what = "{n} senders" if counted == "sender" else "{n} messages"
    when = days_text(week["week_start"], week["week_end"], words)
    told = words("week not complete")
    return {
        "part": "week",
        "series": series,
        "period_start": week["week_start"],
        "period_end": week["week_end"],
        "count": count,
        "is_complete": bool(week["is_complete"]),
        "when": when if week["is_complete"] else f"{when} ({told})",
        "name": _SERIES.titles(words)[series],
        "text": words(what, n=count) if count is not None else None,
    }


def _ahead(ready: Ready, words: Words) -> Iterator[dict[str, Any]]:
    """Yield who is left on the last day loaded, and at this pace on the day Basic auth goes."""
    end, found = ready.scope.end, ready.forecast
    if found is None or end is None:
        return
    left, projected = words.count(found.left), words.count(found.projected)
    yield _point("left", end, found.left, when=words.date(end), name=words("left"), text=left)
    if end < ready.retirement:
        day = ready.retirement
        name = words("left at this pace")
        yield _point("end", day, found.projected, when=words.date(day), name=name, text=projected)


def _point(part: str, day: dt.date, count: int | None, **texts: str) -> dict[str, Any]:
    return {
        "part": part, "series": "basic", "period_start": day, "period_end": day, "count": count,
        "is_complete": True, **texts,
    }  # fmt: skip


def table(ready: Ready, words: Words) -> dict[str, Any]:
    """Return the weeks as a table."""
    return table_data(table_rows(ready, words), columns(words))


def table_rows(ready: Ready, words: Words) -> pd.DataFrame:
    """Return the weeks, the newest first, with the texts that `columns` show."""
    weeks = ready.burn_down.rows.iloc[::-1].reset_index(drop=True)
    told = {True: words("whole week"), False: words("in part")}
    return weeks.assign(covered=[told[bool(each)] for each in weeks["is_complete"]])


def columns(words: Words) -> tuple[Column, ...]:
    """Return the columns of the table of weeks."""
    return (
        Column("week_start", words("First day"), "date"),
        Column("week_end", words("Last day"), "date"),
        Column("covered", words("Covered")),
        Column("basic_sender_count", words("Senders on Basic auth"), "count"),
        Column("basic_message_count", words("Messages on Basic auth"), "count"),
        Column("legacy_tls_sender_count", words("Senders on TLS 1.0/1.1"), "count"),
        Column("legacy_tls_message_count", words("Messages on TLS 1.0/1.1"), "count"),
        Column("sender_count", words("Senders"), "count"),
        Column("message_count", words("Messages"), "count"),
    )


# --- drawing ------------------------------------------------------------------------------------


def _chart(rows: pd.DataFrame, words: Words, heading: str) -> alt.LayerChart:
    values = {**over_days.range_values(rows), "shown": []}
    middle = f"(datum.period_start == datum.period_end ? 0 : {3 * DAY})"
    base = over_days.timeline(values).transform_calculate(at=f"datum.start + {middle}")
    weeks = base.transform_filter("datum.part == 'week'")
    return drawing.finish(
        rows,
        words,
        *_last_day(base.transform_filter("datum.part == 'date'"), words),
        _line(weeks, words, heading),
        _marks(weeks.transform_filter("isValid(datum.count)"), words, heading),
        *_line_ahead(
            base.transform_filter("datum.part == 'left' || datum.part == 'end'"), words, heading
        ),
        width=860,
        height=240,
    )


def _on(base: alt.Chart, words: Words, heading: str) -> alt.Chart:
    placed: alt.Chart = base.encode(
        x=over_days.day_axis("at:T", words), y=drawing.count_axis("count:Q", words(heading))
    )
    return placed


def _line(weeks: alt.Chart, words: Words, heading: str) -> alt.Chart:
    legend = drawing.breakdown_legend(_SERIES, words)
    drawn: alt.Chart = (
        _on(weeks, words, heading)
        .mark_line(strokeWidth=2.5)
        .encode(color=drawing.breakdown_color(_SERIES, legend))
    )
    return drawn


def _marks(weeks: alt.Chart, words: Words, heading: str) -> alt.Chart:
    """Draw each week; one that is not complete is hollow."""
    scale = drawing.breakdown_scale(_SERIES, _SERIES.shapes)
    drawn: alt.Chart = (
        _on(weeks, words, heading)
        .mark_point(size=70, strokeWidth=2, filled=False, opacity=1)
        .encode(
            color=drawing.breakdown_color(_SERIES),
            fill=drawing.breakdown_color(_SERIES),
            fillOpacity=alt.condition("datum.is_complete", alt.value(1), alt.value(0)),
            shape=alt.Shape("series:N", scale=scale, legend=None),
            tooltip=_tips(words),
        )
    )
    return drawn


def _line_ahead(ahead: alt.Chart, words: Words, heading: str) -> tuple[alt.Chart, ...]:
    """Draw from who is left to who is left in the end, with both numbers."""
    color = _SERIES.colors[0]
    placed = _on(ahead, words, heading)
    # In the end there is no room at the right.
    number = placed.transform_filter("datum.part == 'left'")
    last = placed.transform_filter("datum.part == 'end'")
    return (
        placed.mark_line(color=color, strokeWidth=2, strokeDash=[6, 5]),
        placed.mark_point(shape="diamond", size=110, filled=True, color=color, opacity=1).encode(
            tooltip=_tips(words)
        ),
        number.mark_text(baseline="bottom", dy=-9, fontWeight="bold").encode(text="text:N"),
        last.mark_text(align="right", baseline="bottom", dx=-9, dy=-5, fontWeight="bold").encode(
            text="text:N"
        ),
    )


def _last_day(day: alt.Chart, words: Words) -> tuple[alt.Chart, alt.Chart]:
    placed = day.encode(x=over_days.day_axis("at:T", words))
    rule = placed.mark_rule(color="currentColor", strokeWidth=2, opacity=0.7)
    name = placed.mark_text(align="right", baseline="bottom", dx=-7).encode(
        y=alt.value({"expr": "height - 6"}), text="text:N"
    )
    return rule, name


def _tips(words: Words) -> list[alt.Tooltip]:
    return drawing.tips({"when": words("Day"), "name": words("What"), "text": words("Count")})
