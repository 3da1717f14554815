"""The tables that the rules read of each day, counted anew where a load changed the day.

A rule compares a day with all others, so all days are judged after each load. What makes that
quick is that messages are read again only of the days that changed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Final

from smtpauth_kit.answers.composing import complete
from smtpauth_kit.answers.findings.inputs import KEPT, rows_of_days, texts
from smtpauth_kit.store.database import sql_text
from smtpauth_kit.store.writer import Writer

MOST_DAYS: Final = 31
"""Days that are counted together: of many millions of messages, more would not fit in memory."""

_OF_DAYS: Final = (
    "period_start = period_end and (source, tenant, period_start) in "
    "(select source, tenant, period_start from uncounted_days) and period_start between {} and {}"
)


def count_days(writer: Writer, tell: Callable[[float], None] = lambda share: None) -> None:
    """Count the days that changed since they were counted last; all or nothing of it is kept.

    `tell` hears what share is done, 0 to 1; what it raises ends the work.
    """
    text = sql_text("uncounted_days", "answers/findings")
    with writer.transaction("this store"):
        writer.execute(f"create or replace temp table uncounted_days as\n{text}")
        days = writer.rows("select distinct period_start from uncounted_days order by period_start")
        spans = [*_spans([day for (day,) in days])]
        for n, (first, last) in enumerate(spans, start=1):
            _count(writer, first, last)
            tell(n / len(spans))
        writer.execute("delete from changed_periods")


def _spans(days: list[dt.date]) -> Iterator[tuple[dt.date, dt.date]]:
    """Return the first and the last of at most `MOST_DAYS` days that follow each other."""
    for n in range(0, len(days), MOST_DAYS):
        yield days[n], days[min(n + MOST_DAYS, len(days)) - 1]


def _count(writer: Writer, first: dt.date, last: dt.date) -> None:
    of_days = _OF_DAYS.format(f"date '{first}'", f"date '{last}'")
    rows = rows_of_days(of_days)
    for relation, table in KEPT.items():
        writer.execute(f"delete from {table} where {of_days}")
        counted = complete(texts()[relation], rows)
        # In no order: sorted by sender they take as much room, and a third more time.
        writer.execute(f"insert into {table} by name\n{counted}")
