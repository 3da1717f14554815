"""The days around a finding as a chart: what was done on each, what is usual, the unusual ones."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from smtpauth_kit.answers.findings.joining import Finding
from smtpauth_kit.answers.findings.proof.proof import Proof
from smtpauth_kit.views import drawing, json_rows, over_days
from smtpauth_kit.views.breakdowns import Breakdown
from smtpauth_kit.views.details_table import Column, table_data
from smtpauth_kit.views.over_time import MESSAGES, Counted, stacked_by_day
from smtpauth_kit.views.sender_card import days_text
from smtpauth_kit.words.words import Words

if TYPE_CHECKING:
    import altair as alt
else:
    from smtpauth_kit.views.altair_on_first_use import altair as alt

_PARTS: Final = Breakdown(
    column="kind",
    values=("message", "success", "failure"),
    colors=("#5f7fa8", "#009e73", "#d55e00"),
    shapes=("square", "circle", "cross"),
    heading="What",
    titles=lambda words: {
        "message": words("Messages"),
        "success": words("Successful sign-ins"),
        "failure": words("Failed sign-ins"),
    },
)

_SIGN_INS: Final = Counted(
    "Sign-ins", "Sign-ins per day", "Sign-ins per day", "Share of the day's sign-ins"
)

_SHOWN: Final = {"messages": ("message",), "sign_ins": ("success", "failure")}


def finding_messages_chart(days: pd.DataFrame, words: Words) -> alt.LayerChart:
    """Messages per day around a finding, over a band of what is usual.

    `days` are the rows that `days_data` makes. The named value `asked` is the finding's first and
    last day; a triangle and the number stand over the largest of them.
    """
    return _chart(days, MESSAGES, words)


def finding_sign_ins_chart(days: pd.DataFrame, words: Words) -> alt.LayerChart:
    """Sign-ins per day around a finding, failures over successes; else as of messages."""
    return _chart(days, _SIGN_INS, words)


CHARTS: Final = {"messages": finding_messages_chart, "sign_ins": finding_sign_ins_chart}
"""What draws the days of a proof, by what they count."""


def days_data(proof: Proof, words: Words) -> tuple[dict[str, list[Any]], dict[str, Any]]:
    """Return the columns and the named values of a proof's chart.

    A row is a day and a kind of event: period_start, period_end, kind (message, success or
    failure), message_count; and on one row of each day what is usual: low and high, and `label`,
    the number to be written over the largest day of the finding.
    """
    rows = _rows(proof, words)
    shown = _SHOWN[proof.counts]
    asked = proof.finding.first_seen.date(), proof.finding.last_seen.date()
    values: dict[str, Any] = over_days.range_values(rows)
    known = set(proof.days["day"])
    values["gaps"] = over_days.stretches_without_data(values, rows, known)
    used = set(rows.loc[rows["message_count"] > 0, "kind"])
    values["shown"] = [part for part in shown if part in used] or list(shown[:1])
    values["parts"] = []
    values["asked"] = [day.isoformat() for day in asked]
    return json_rows.columns(rows), values


def _rows(proof: Proof, words: Words) -> pd.DataFrame:
    shown = _SHOWN[proof.counts]
    largest = _largest(proof)
    rows = []
    for day in proof.days.to_dict("records"):
        counts = [int(day[f"{part}_count"]) for part in shown]
        for n, (part, count) in enumerate(zip(shown, counts, strict=True)):
            first = n == 0
            is_largest = first and largest is not None and day["day"] == largest[0]
            rows.append(
                {
                    "period_start": day["day"], "period_end": day["day"], "kind": part,
                    "message_count": count,
                    "low": _told(day["low"]) if first else None,
                    "high": _told(day["high"]) if first else None,
                    "total": sum(counts) if is_largest else None,
                    "label": words.count(sum(counts)) if is_largest else None,
                }
            )  # fmt: skip
    columns = [
        "period_start",
        "period_end",
        "kind",
        "message_count",
        "low",
        "high",
        "total",
        "label",
    ]
    return pd.DataFrame(rows, columns=columns, dtype=object)


def _largest(proof: Proof) -> tuple[dt.date, int] | None:
    """Return the day of the finding with the most, and how many; None: nothing was done on it."""
    days = [(row["day"], _total(row)) for row in proof.days.to_dict("records")]
    own = [(day, count) for day, count in days if _is_of(proof.finding, day) and count]
    return max(own, key=lambda each: each[1], default=None)


def _total(row: dict[Any, Any]) -> int:
    return int(row["message_count"] + row["success_count"] + row["failure_count"])


def _is_of(finding: Finding, day: dt.date) -> bool:
    return finding.first_seen.date() <= day <= finding.last_seen.date()


def _told(value: Any) -> int | None:
    return None if value is None or value != value else int(value)


def days_finding(proof: Proof, words: Words) -> str:
    """Say in one sentence what the chart shows."""
    if proof.days.empty:
        return words("No day around it is loaded.")
    largest, is_mail = _largest(proof), proof.counts == "messages"
    if largest is None:
        first, last = proof.finding.first_seen.date(), proof.finding.last_seen.date()
        nothing = "No messages on the days of the finding: {days}."
        if not is_mail:
            nothing = "No sign-ins on the days of the finding: {days}."
        return words(nothing, days=days_text(first, last, words))
    day, count = largest
    (row,) = proof.days[proof.days["day"] == day].to_dict("records")
    low, high = _told(row["low"]), _told(row["high"])
    what = words("{n} messages", n=count) if is_mail else words("{n} sign-ins", n=count)
    on = words.date(day)
    if low is None or high is None:
        return words("{what} on {day}; no other day tells what is usual.", what=what, day=on)
    usual = words.count(low) if low == high else f"{words.count(low)}\u2013{words.count(high)}"
    return words("{what} on {day}; usual on this weekday: {usual}.", what=what, day=on, usual=usual)


def days_table(proof: Proof, words: Words) -> dict[str, Any]:
    """Return the numbers of the chart as a table, newest first."""
    counted = [f"{part}_count" for part in _SHOWN[proof.counts]]
    titles = _PARTS.titles(words)
    rows = proof.days.sort_values("day", ascending=False, kind="stable").astype(object)
    marked = [words("unusual") if _is_of(proof.finding, day) else "" for day in rows["day"]]
    shown = rows.where(rows.notna(), None).assign(marked=marked)
    columns = (
        Column("day", words("Day"), "date"),
        *(Column(name, titles[name.removesuffix("_count")], "count") for name in counted),
        Column("low", words("Usual: least"), "count"),
        Column("high", words("Usual: most"), "count"),
        Column("marked", words("Finding")),
    )
    return table_data(shown, columns)


def _chart(days: pd.DataFrame, counted: Counted, words: Words) -> alt.LayerChart:
    return stacked_by_day(
        days, _PARTS, words, counted=counted, mark="Line above: the days of the finding.",
        around=lambda base: (_band(base, words), *_number(base, words)), width=560, height=170,
    )  # fmt: skip


def _band(base: alt.Chart, words: Words) -> alt.Chart:
    """Draw what is usual on each day: from the least to the most, a line where they are equal."""
    half = over_days.HALF
    drawn: alt.Chart = (
        base.transform_filter("isValid(datum.high)")
        .transform_calculate(left=f"datum.start - {half}", right=f"datum.start + {half}")
        .mark_rect(color="currentColor", opacity=0.22, stroke="currentColor", strokeWidth=1)
        .encode(
            x=over_days.day_axis("left:T", words),
            x2="right:T",
            y=drawing.count_axis("low:Q", None),
            y2="high:Q",
        )
    )
    return drawn


def _number(base: alt.Chart, words: Words) -> tuple[alt.Chart, alt.Chart]:
    """Write over the finding's largest day how many, with a triangle that points to it."""
    named = base.transform_filter("isValid(datum.label)").encode(
        x=over_days.day_axis("start:T", words), y=drawing.count_axis("total:Q", None)
    )
    triangle = named.mark_point(
        shape="triangle-down", filled=True, size=60, yOffset=-7, color="currentColor"
    )
    text = named.mark_text(baseline="bottom", dy=-14, fontWeight="bold").encode(text="label:N")
    return triangle, text


def band_text(words: Words) -> str:
    """Say what the band is."""
    return words(
        "The grey band is what is usual on the weekday: from the least to the most of the other "
        "days loaded, of ten or more without a tenth at each end."
    )
