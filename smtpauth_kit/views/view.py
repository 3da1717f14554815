"""What a view is: an answer with all that it takes to show it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

import pandas as pd

from smtpauth_kit.answers import Scope
from smtpauth_kit.answers.questions import QUESTIONS
from smtpauth_kit.engine import Engine
from smtpauth_kit.tables import Column
from smtpauth_kit.words import Words

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
    """What a click on a mark or a legend entry chooses."""
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


def part_of(share: float, count: int, words: Words) -> str:
    """Return a count and which part of all it is, as a sentence has them."""
    return f"{words.percent(share, 2)} ({words.count(count)})"
