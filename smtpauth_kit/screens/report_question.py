"""What the report screen is asked: filters, view, brushed days, rows; and the chips that say so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from smtpauth_kit.base.filter_fields import DAY
from smtpauth_kit.base.filters import FIELDS, Filters
from smtpauth_kit.base.names import DEFAULT_DAYS
from smtpauth_kit.screens.presets import OWN, TITLES, preset_of
from smtpauth_kit.views import filter_words
from smtpauth_kit.views.registry import CHOICES
from smtpauth_kit.words.words import Words

Days = tuple[dt.date, dt.date]


@dataclass(frozen=True)
class Rows:
    """Which rows of the details table are on screen, in which order."""

    sort: str = "message_count"
    descending: bool = True
    search: str = ""
    offset: int = 0


@dataclass(frozen=True)
class ReportQuestion:
    """Everything that decides what the report shows: equal questions show the same."""

    filters: Filters = field(default_factory=Filters)
    view: str = CHOICES[0]
    as_table: bool = False
    """Whether the details table is shown in place of the chart."""
    days: Days | None = None
    """First and last day brushed over in the chart: the details table counts only these."""
    rows: Rows = field(default_factory=Rows)

    @property
    def has_table(self) -> bool:
        """Tell whether the details table is on screen."""
        return self.as_table or self.days is not None

    def of_domain(self, domain: str) -> ReportQuestion:
        """Return the question that choosing a sender domain asks; "" stands for all domains.

        >>> ReportQuestion().of_domain("contoso.com").filters.domains
        ('contoso.com',)
        """
        filters = self.filters.changed(domains=(domain,) if domain else ())
        return replace(self, filters=filters, days=None, rows=replace(self.rows, offset=0))


# --- chips: what narrows the figures, each with a key to take it off ------------------------

_DROPPED: Final[dict[str, dict[str, Any]]] = {
    **{field.name: {field.name: field.default} for field in FIELDS},
    "range": {field.name: None for field in FIELDS if field.kind is DAY},
}
"""The fields of `Filters` that taking off a chip sets back, by the key of the chip."""


def without(question: ReportQuestion, key: str) -> ReportQuestion:
    """Return the question with one of its chips taken off; the key "all" takes off every one.

    >>> without(ReportQuestion(Filters(domains=("contoso.com",))), "domains").filters.domains
    ()
    """
    if key == "all":
        return replace(question, filters=Filters(), days=None, rows=Rows())
    if key == "days":
        return replace(question, days=None, rows=replace(question.rows, offset=0))
    if key == "search":
        return replace(question, rows=Rows())
    if key not in _DROPPED:
        return question
    return replace(question, filters=question.filters.changed(**_DROPPED[key]), rows=Rows())


def chips(question: ReportQuestion, words: Words) -> Iterator[tuple[str, str]]:
    """Return the chips of a question: the key that takes each off, and its text."""
    filters = question.filters
    if filters.start or filters.end or filters.as_of:
        yield "range", _range(filters.start, filters.end or filters.as_of, words)
    for key, text in filter_words.chips(filters, words):
        preset = preset_of(filters.senders) if key == "senders" else OWN
        said = text if preset == OWN else words("Senders {which}", which=words(TITLES[preset]))
        yield key, said
    if question.days is not None:
        yield "days", days_label(question.days, words)


def days_label(days: Days, words: Words) -> str:
    """Say which brushed days the details table is of."""
    return words("Table: {range}", range=_range(*days, words))


def _range(start: dt.date | None, end: dt.date | None, words: Words) -> str:
    if start == end:
        return words.date(start)
    if start is None:
        return words("{n} days to {end}", n=DEFAULT_DAYS, end=words.date(end))
    if end is None:
        return words("from {start}", start=words.date(start))
    return words("{start} to {end}", start=words.date(start), end=words.date(end))
