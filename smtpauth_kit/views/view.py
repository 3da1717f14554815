"""What a view is: an answer with all that it takes to show it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

import pandas as pd

from smtpauth_kit.answers import Scope
from smtpauth_kit.answers.questions import QUESTIONS
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.views import json_rows
from smtpauth_kit.views.breakdowns import Breakdown
from smtpauth_kit.views.details_table import Column, table_data
from smtpauth_kit.words.words import UNTOLD, Words

if TYPE_CHECKING:
    import altair as alt

Data = tuple[dict[str, list[Any]], dict[str, Any]]
"""What a chart is patched with: its columns and its named values."""

Figure = Literal["", "volume", "usage", "by_day", "ranking", "senders"]
"""How `static/figures.js` computes a view from the facts of an exported page; empty: it cannot."""


class MakeData(Protocol):
    """Makes the data that a chart is patched with, from the rows of its answer."""

    def __call__(
        self, rows: pd.DataFrame, scope: Scope, words: Words, known: Sequence[str] = ()
    ) -> Data:
        """`known` are all sender domains loaded, busiest first: each keeps its colour."""


@dataclass(frozen=True)
class View:
    """One answer as a chart, its sentence and its table."""

    name: str
    title: str
    """Key of the words."""
    answer: str
    """What `smtpauth show` calls its question."""
    draw: Callable[[pd.DataFrame, Words], alt.LayerChart]
    data: MakeData
    finding: Callable[[pd.DataFrame, Words], str]
    """Says in one sentence what it shows."""
    field: str
    """Column of the answer that its marks stand for; a click on one filters by its value."""
    heading: str
    """Key of the words for `field`: the title of its column in the data table."""
    names: Callable[[pd.DataFrame, Words], Sequence[str]] | None = None
    """Makes the name of each row; None: the value of `field` is the name."""
    figure: Figure = ""
    below: tuple[str, ...] = ()
    """Names of the views that it stands below; empty: a reader chooses it from the list."""
    is_half: bool = False
    """Whether it is half as wide as a page, so that two stand side by side."""
    details: Callable[[pd.DataFrame, Words], tuple[Column, ...]] | None = None
    """The columns of its details table, for these rows of `answers.senders`."""

    table: Callable[[pd.DataFrame, Words], dict[str, Any]] | None = None
    """Makes the table below its chart, where that has other columns than `numbers` makes."""

    def ask(self, engine: Engine, scope: Scope) -> pd.DataFrame:
        """Return its answer in a scope."""
        return QUESTIONS[self.answer](engine, scope)

    def columns(self, senders: pd.DataFrame, words: Words) -> tuple[Column, ...]:
        """Return the columns of the details table of a view that a reader chooses."""
        assert self.details is not None
        return self.details(senders, words)

    def numbers(
        self, rows: pd.DataFrame, words: Words, parts: Sequence[str] = ()
    ) -> dict[str, Any]:
        """Return the numbers of its answer as a table, to stand below its chart.

        `parts` are the days that are covered only in part.
        """
        if self.table is not None:
            return self.table(rows, words)
        shown = rows
        if self.names is not None:
            shown = rows.assign(**{self.field: list(self.names(rows, words))})
        if parts and "period_start" in rows:
            in_part = rows["period_start"].map(str).isin(list(parts))
            covered = in_part.map({True: words("in part"), False: ""})
            shown = shown.assign(covered=covered) if in_part.any() else shown
        one_day = "period_end" in rows and bool((rows["period_start"] == rows["period_end"]).all())
        counted = "sender_count" if "message_count" not in rows else "message_count"
        heading = words("Messages") if counted == "message_count" else words("Senders")
        columns = (
            Column("period_start", words("Day") if one_day else words("First day"), "date"),
            *([] if one_day else [Column("period_end", words("Last day"), "date")]),
            Column("covered", words("Covered")),
            Column(self.field, words(self.heading)),
            Column(counted, heading, "count"),
            Column("share", words("Share"), "tls", ("share", counted)),
        )
        return table_data(shown, tuple(column for column in columns if column.name in shown))


def columns_alone(
    rows: pd.DataFrame, scope: Scope, words: Words, known: Sequence[str] = ()
) -> Data:
    """Return the columns of an answer: for a chart that has no named values."""
    return json_rows.columns(rows), {}


def named_by(breakdown: Breakdown) -> Callable[[pd.DataFrame, Words], Sequence[str]]:
    """Return the `names` of a view whose rows each have a value of this breakdown."""
    return lambda rows, words: [breakdown.titles(words)[value] for value in rows[breakdown.column]]


def part_of(share: float | None, count: int | None, words: Words) -> str:
    """Return a share and its count as a sentence writes them: "75.00 % (9)", or a dash for None."""
    if share is None or count is None:
        return UNTOLD
    return f"{words.percent(share, 2)} ({words.count(count)})"
