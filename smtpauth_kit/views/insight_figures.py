"""What the insight card says: the accounts of the week, their change, and what must still move."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

import pandas as pd

from smtpauth_kit import answers
from smtpauth_kit.answers import Scope
from smtpauth_kit.answers.insight import accounts_before, insight
from smtpauth_kit.answers.usage import auth_usage
from smtpauth_kit.answers.volume import messages_by_day
from smtpauth_kit.base.names import LEGACY_TLS
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.views import charts, details_table, drawing, json_rows, over_days
from smtpauth_kit.views.breakdowns import TLS
from smtpauth_kit.views.details_table import Column
from smtpauth_kit.views.drawing import COLORS
from smtpauth_kit.views.filter_words import source_titles
from smtpauth_kit.views.notes import counted_from, notes
from smtpauth_kit.views.usage import tls_finding, tls_pie_chart
from smtpauth_kit.views.view import part_of
from smtpauth_kit.words.words import Words

if TYPE_CHECKING:
    import altair as alt
else:
    from smtpauth_kit.views.altair_on_first_use import altair as alt

TREND_DAYS: Final = 28
"""The trend shows four weeks: a weekly rhythm, and what is out of it."""


@dataclass(frozen=True)
class Insight:
    """Every figure of the card, of one scope; nothing in it names a sender."""

    scope: Scope
    account_count: int | None
    """Sender addresses, or accounts with a successful sign-in; None where nothing tells."""
    message_count: int | None
    signed_in_account_count: int | None
    """Accounts that authenticated for the messages, where those name them."""
    before: int | None
    """As `answers.insight.accounts_before`, of what `accounts` are."""
    tls: pd.DataFrame
    """As `answers.usage.tls_usage`."""
    auth: pd.DataFrame
    """As `answers.usage.auth_usage`."""
    days: pd.DataFrame
    """As `answers.volume.messages_by_day`, of the `TREND_DAYS` days that end with the range."""
    trend: Scope

    @property
    def accounts(self) -> int | None:
        """How many accounts the card counts: those that signed in, where the source names them."""
        named = self.signed_in_account_count
        return self.account_count if named is None else named

    @property
    def addresses(self) -> int | None:
        """Their sender addresses, where these are another number."""
        return None if self.account_count == self.accounts else self.account_count


def ask(engine: Engine, scope: Scope) -> Insight:
    """Ask everything the card shows.

    Examples
    --------
    >>> card = ask(store, settle_scope(store))
    >>> card.account_count, card.message_count, card.before
    (2, 3, None)
    """
    row = insight(engine, scope).iloc[0]
    trend = scope
    if scope.end is not None:
        first = scope.end - dt.timedelta(days=TREND_DAYS - 1)
        asked = scope.filters.changed(start=first, end=scope.end, source=scope.source or "auto")
        trend = answers.settle_scope(engine, asked)
    return Insight(
        scope=scope,
        account_count=row["account_count"],
        message_count=row["message_count"],
        signed_in_account_count=row["signed_in_account_count"],
        before=accounts_before(engine, scope, signed_in=row["signed_in_account_count"] is not None),
        tls=pd.DataFrame(row["tls_usage"], dtype=object),  # Else a None makes all of them floats.
        auth=auth_usage(engine, scope),
        days=messages_by_day(engine, trend),
        trend=trend,
    )


@dataclass(frozen=True)
class Remark:
    """One thing the card says of the messages, and how grave it is."""

    level: Literal["warn", "good", "unknown"]
    title: str
    text: str
    more: str = ""

    @property
    def mark(self) -> str:
        """The sign beside it: never colour alone."""
        return {"warn": "\u25b2", "good": "\u2713", "unknown": "?"}[self.level]


def change(card: Insight, words: Words) -> str:
    """Say how the number of accounts changed against as many days before.

    >>> from smtpauth_kit.words.words import speak
    >>> change(ask(store, settle_scope(store)), speak("en"))
    'No comparison: not all of the 7 days before are loaded.'
    """
    if card.scope.start is None or card.scope.end is None:
        return ""
    days = (card.scope.end - card.scope.start).days + 1
    if card.before is None or card.accounts is None:
        return words("No comparison: not all of the {n} days before are loaded.", n=days)
    more = card.accounts - card.before
    if more == 0:
        return words("As many as in the {n} days before.", n=days)
    text = "{more} more than in the {n} days before ({before})."
    if more < 0:
        text = "{more} fewer than in the {n} days before ({before})."
    return words(text, n=days, more=abs(more), before=card.before)


def remarks(card: Insight, words: Words) -> list[Remark]:
    """Say what goes over old TLS, without TLS and by Basic auth, and what the source does not say.

    >>> from smtpauth_kit.words.words import speak
    >>> for each in remarks(ask(store, settle_scope(store)), speak("en")):
    ...     print(each.mark, each.title, each.text)
    \u25b2 Legacy TLS (1.0 and 1.1) still used: 66.67 % (2)
    \u25b2 Basic auth still used: 66.67 % (2)
    """
    if not card.message_count:
        return []
    tls = dict(zip(card.tls["tls_version"], card.tls["message_count"], strict=True))
    auth = dict(zip(card.auth["auth_protocol"], card.auth["message_count"], strict=True))
    legacy = sum(tls[version] or 0 for version in LEGACY_TLS)
    said = [_remark(words("Legacy TLS (1.0 and 1.1)"), legacy, tls["unknown"], card, words)]
    if tls["none"]:
        said.append(_remark(words("Without TLS"), tls["none"], 0, card, words))
    basic = _remark(words("Basic auth"), auth["basic"] or 0, auth["unknown"], card, words)
    if basic.level == "unknown" and card.scope.auth_told_by:
        told_by = source_titles(card.scope.auth_told_by, words)
        basic = replace(basic, more=words("told by: {sources}", sources=told_by))
    return [*said, basic]


def _remark(title: str, count: int, unknown: int, card: Insight, words: Words) -> Remark:
    def part(number: int) -> str:
        return part_of(number / (card.message_count or 1), number, words)

    more = words("unknown: {part}", part=part(unknown)) if unknown else ""
    if count:
        return Remark("warn", title, words("still used: {part}", part=part(count)), more)
    if unknown == card.message_count:
        return Remark("unknown", title, words("not told by this source"), more)
    if unknown:
        return Remark("unknown", title, words("none seen"), more)
    return Remark("good", title, words("not used"))


def spark_chart(days: pd.DataFrame, words: Words) -> alt.LayerChart:
    """Return the trend of a card: a small bar for each day, without an axis of counts.

    `days` has message_count for period_start and period_end, any number of rows for each.
    """
    values = {**over_days.range_values(days), "gaps": []}
    base = over_days.timeline(values).transform_calculate(all="'all'")
    bars = (
        over_days.spread(over_days.per_day(base, "all", words))
        .transform_calculate(zero="0")
        .encode(
            x=over_days.day_axis("left:T", words),
            x2="right:T",
            y=alt.Y("zero:Q", axis=None),
            y2="per_day:Q",
            tooltip=over_days.when({}, words),
        )
    )
    bar = bars.mark_rect(color=COLORS[0])
    return drawing.finish(days, words, *over_days.gap_layers(words), bar, width=300, height=64)


def trend_finding(card: Insight, words: Words) -> str:
    """Say in one sentence what the trend shows."""
    rows = _trend_rows(card.days)
    if not rows or card.trend.start is None:
        return words("No messages match.")
    busiest = max(rows, key=_per_day)
    key = "Messages per day from {start} to {end}; most on {day}: {count}."
    if busiest["period_start"] != busiest["period_end"]:
        key = "Messages per day from {start} to {end}; most in the days from {day}: {count} a day."
    return words(
        key,
        start=words.date(card.trend.start),
        end=words.date(card.trend.end),
        day=words.date(busiest["period_start"]),
        count=round(_per_day(busiest)),
    )


def _per_day(row: dict[str, Any]) -> float:
    days: int = (row["period_end"] - row["period_start"]).days + 1
    return float(row["message_count"]) / days


def accounts(card: Insight, words: Words) -> str:
    """Say what the large number of the card counts: it stands before these words.

    >>> from smtpauth_kit.words.words import speak
    >>> accounts(ask(store, settle_scope(store)), speak("en"))
    'accounts, 3 messages'
    """
    messages = words("{n} messages", n=card.message_count)
    if card.addresses is not None:
        addresses = words("{n} sender addresses", n=card.addresses)
        messages = f"{addresses}, {messages}"
    return words("accounts, {messages}", n=card.accounts, messages=messages)


def volume(card: Insight, words: Words) -> str:
    """Say how much the accounts sent in the range."""
    if card.scope.start is None or card.scope.end is None or card.message_count is None:
        return ""
    days = (card.scope.end - card.scope.start).days + 1
    return words(
        "{messages} in {days}: {mean} a day on average.",
        messages=words("{n} messages", n=card.message_count),
        days=words("{n} days", n=days),
        mean=round(card.message_count / days),
    )


def shown(card: Insight, words: Words) -> dict[str, Any]:
    """Return all that the card's template needs."""
    pie, spark = (charts.empty_vega(draw, words) for draw in (tls_pie_chart, spark_chart))
    usage, days = json_rows.columns(card.tls), json_rows.columns(card.days)
    values: dict[str, Any] = {**over_days.range_values(card.days, card.trend)}
    values["gaps"] = over_days.stretches_without_data(values, card.days, card.trend.covered)
    return {
        "card": card,
        "scope": card.scope,
        "accounts": accounts(card, words),
        "change": change(card, words),
        "counted_from": counted_from(card.scope, words),
        "remarks": remarks(card, words),
        "tls": details_table.tls_list(card.tls, words),
        "colors": dict(zip(TLS.values, TLS.colors, strict=True)),
        "notes": notes(card.scope, words),
        "finding": tls_finding(card.tls, words),
        "volume": volume(card, words),
        "trend_finding": trend_finding(card, words),
        "trend_columns": _trend_columns(words),
        "trend_rows": _trend_rows(card.days),
        "pictures": (charts.to_svg(pie, usage, {}), charts.to_svg(spark, days, values)),
        "data": {
            "words": words.for_script(),
            "pie": pie,
            "usage": usage,
            "spark": spark,
            "days": days,
            "values": values,
        },
    }


def _trend_columns(words: Words) -> tuple[Column, ...]:
    return (
        Column("period_start", words("First day"), "date"),
        Column("period_end", words("Last day"), "date"),
        Column("message_count", words("Messages"), "count"),
    )


def _trend_rows(days: pd.DataFrame) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = days.to_dict("records")  # type: ignore[assignment]
    return rows
