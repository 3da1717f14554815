"""What a view is: an answer with all that it takes to show it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

import pandas as pd

from smtpauth_kit.answers import Scope
from smtpauth_kit.answers.questions import QUESTIONS
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.views.breakdowns import Breakdown
from smtpauth_kit.views.details_table import Column, table_data
from smtpauth_kit.words.words import Words

if TYPE_CHECKING:
    import altair as alt

Data = tuple[dict[str, list[Any]], dict[str, Any]]
"""What a chart is patched with: its columns and its named values."""

Figure = Literal["", "volume", "usage", "by_day", "ranking", "senders"]
"""How `static/figures.js` adds a view up from the facts of a page; empty: it cannot."""


class MakeData(Protocol):
    """Makes of the rows of an answer what its chart is patched with."""

    def __call__(
        self, rows: pd.DataFrame, scope: Scope, words: Words, known: Sequence[str] = ()
    ) -> Data:
        """`known` are all domains there are, busiest first: each keeps its colour."""


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
    """What it tells apart, and what a click on a mark or a legend entry chooses."""
    heading: str
    """Key of the words for that, above its column in the data table."""
    names: Callable[[pd.DataFrame, Words], Sequence[str]] | None = None
    """What each row is called, where the field does not say; None: it does."""
    figure: Figure = ""
    below: tuple[str, ...] = ()
    """The views it stands below; none: a reader chooses it by name."""
    is_half: bool = False
    """Whether it shares a line with another."""
    details: Callable[[pd.DataFrame, Words], tuple[Column, ...]] | None = None
    """The columns of its details table, for these rows of `answers.senders`."""

    def ask(self, engine: Engine, scope: Scope) -> pd.DataFrame:
        """Return its answer in a scope."""
        return QUESTIONS[self.answer](engine, scope)

    def columns(self, senders: pd.DataFrame, words: Words) -> tuple[Column, ...]:
        """Return the columns of the details table of a view that a reader chooses."""
        assert self.details is not None
        return self.details(senders, words)

    def numbers(self, rows: pd.DataFrame, words: Words) -> dict[str, Any]:
        """Return the data table of its chart, as `table_data` does: the numbers of its answer."""
        shown = rows
        if self.names is not None:
            shown = rows.assign(**{self.field: list(self.names(rows, words))})
        one_day = "period_end" in rows and bool((rows["period_start"] == rows["period_end"]).all())
        counted = "sender_count" if "message_count" not in rows else "message_count"
        heading = words("Messages") if counted == "message_count" else words("Senders")
        columns = (
            Column("period_start", words("Day") if one_day else words("First day"), "date"),
            *([] if one_day else [Column("period_end", words("Last day"), "date")]),
            Column(self.field, words(self.heading)),
            Column(counted, heading, "count"),
            Column("share", words("Share"), "tls", ("share", counted)),
        )
        return table_data(shown, tuple(column for column in columns if column.name in shown))


def named_by(breakdown: Breakdown) -> Callable[[pd.DataFrame, Words], Sequence[str]]:
    """Return what says how the value of a breakdown in each row is called."""
    return lambda rows, words: [breakdown.titles(words)[value] for value in rows[breakdown.column]]


def part_of(share: float, count: int, words: Words) -> str:
    """Return a count and which part of all it is, as a sentence has them."""
    return f"{words.percent(share, 2)} ({words.count(count)})"
