"""What only all rows of a file tell together: the order of its dates, its decimal mark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from smtpauth_kit.base.errors import DateOrderNeeded
from smtpauth_kit.base.sentences import Sentence
from smtpauth_kit.formats import Context, Layout
from smtpauth_kit.loading import date_orders
from smtpauth_kit.loading.data_rows import data_records
from smtpauth_kit.loading.options import Options
from smtpauth_kit.loading.progress import Tick
from smtpauth_kit.loading.row_counts import Counts
from smtpauth_kit.reading.contents import Content
from smtpauth_kit.reading.exports import Export
from smtpauth_kit.values import counts, times
from smtpauth_kit.values.cells import MAX_WORD, UNDECIDED, Decisions
from smtpauth_kit.words.inert import printable

SAMPLES: Final = 3
"""Dates that are shown to whoever has to say their order."""


def decide(
    export: Export, content: Content, layout: Layout, options: Options, tick: Tick
) -> Decisions:
    """Look at every row for what one row cannot tell: date order, decimal mark.

    Raises
    ------
    FileRefused
        Every date could have day and month swapped, or some prove one order and some the other.
    """
    context = Context(layout, UNDECIDED)
    dates = context.picker(*(f for f in layout.format.times if context.has(f)))
    numbers = context.picker(*(f for f in layout.format.counts if context.has(f)))
    votes: dict[str, int] = {}
    by_sign: dict[str, dict[str, int]] = {}
    open_dates: list[str] = []
    marked: dict[str, None] = {}
    for record in data_records(export, content, layout, Counts(), tick):
        if record.problem:
            continue
        for text in dates(record.cells):
            if vote := times.order_votes(text):
                votes[vote] = votes.get(vote, 0) + 1
                of_sign = by_sign.setdefault(times.date_sign(text), {})
                of_sign[vote] = of_sign.get(vote, 0) + 1
                if len(open_dates) < SAMPLES and text not in open_dates:
                    open_dates.append(text)
        for text in numbers(record.cells):
            if ("." in text or "," in text) and len(marked) < 100_000:
                # What stands in brackets is the count: `12.5% (1.234)`.
                inside = text.rpartition("(")[2].partition(")")[0]
                if len(inside) <= MAX_WORD:
                    marked[inside] = None
    orders = {} if options.date_order else date_orders.orders_by_sign(by_sign)
    return Decisions(
        date_orders=orders,
        date_order=options.date_order or (None if orders else _order(export, votes, open_dates)),
        decimal_mark=counts.decide_decimal_mark(
            [text for text in marked if "%" not in text], layout.language_mark
        ),
    )


def _order(export: Export, votes: Mapping[str, int], samples: Sequence[str]) -> str | None:
    day_first, month_first = votes.get("dmy", 0), votes.get("mdy", 0)
    if bool(day_first) != bool(month_first):
        return "dmy" if day_first else "mdy"
    if not votes:
        return None
    problem = Sentence("only dates whose day and month could be swapped")
    if day_first:
        problem = Sentence(
            "{n} {n:date|dates} that must be day first and {months} that must be month first",
            n=day_first,
            months=month_first,
        )
    raise DateOrderNeeded(
        "{file} has {why}. Expected dates that settle it. Look at one row you know, then say the "
        "order with --date-order dmy, --date-order mdy or --date-order ymd.",
        file=printable(export.path),
        why=problem,
        samples=samples,
    )
