"""The tables that the rules read of each day, counted anew where a load changed the day.

A rule compares a day with all others, so all days are judged after each load. What makes that
quick is that messages are read again only of the days that changed, and that what is learned from
all days is added up from spans of sixty days, of which a load of a day changes one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from smtpauth_kit.answers.composing import complete
from smtpauth_kit.answers.findings.inputs import rows_of_days, texts
from smtpauth_kit.answers.kept_days import KEPT, SIGN_INS_KEPT, SPANS
from smtpauth_kit.store.database import sql_text
from smtpauth_kit.store.writer import Writer

MOST_DAYS: Final = 31
"""Days that are counted together: of many millions of messages, more would not fit in memory."""

SPAN_DAYS: Final = 60
"""Days of a span: so many bits of a number tell on which of them something happened."""

_FOLDER: Final = "answers/findings"
_DAYS_KEPT: Final = {**KEPT, **SIGN_INS_KEPT}
_OWN_SQL: Final = {"recipient_days": "count_recipients", "recipient_spans": "span_recipients"}
"""Relations of which a store keeps more than the rules read: readiness reads it."""
_EPOCH: Final = dt.date(1970, 1, 1)

_OF_DAYS: Final = (
    "period_start = period_end and (source, tenant, period_start) in "
    "(select source, tenant, period_start from uncounted_days) and period_start between {} and {}"
)
_OF_SPAN: Final = "(source, tenant, {0}) in (select source, tenant, span from uncounted_spans)"


def count_days(writer: Writer, tell: Callable[[float], None] = lambda share: None) -> None:
    """Count the days that changed since they were counted last; all or nothing of it is kept.

    `tell` hears what share is done, 0 to 1; what it raises ends the work.
    """
    with writer.transaction("this store"):
        text = sql_text("uncounted_spans", _FOLDER)
        writer.execute(f"create or replace temp table uncounted_spans as\n{text}")
        steps = [*_steps(writer)]
        for n, count in enumerate(steps, start=1):
            count()
            tell(n / len(steps))
        writer.execute("delete from changed_periods")


def _steps(writer: Writer) -> Iterator[Callable[[], None]]:
    """Return what is to be done one after the other: days that changed, then their spans."""
    spans = [n for (n,) in writer.rows("select distinct span from uncounted_spans order by span")]
    if spans:
        for first, last in _together(_uncounted_days(writer, spans)):
            yield partial(_count_days, writer, first, last)
    for span in spans:
        yield partial(_count_span, writer, span)


def _uncounted_days(writer: Writer, spans: list[int]) -> list[dt.date]:
    """Find the days of some spans that changed, as the table `uncounted_days`."""
    of_messages, of_sign_ins = (
        f"select * from (\n{sql_text(name, _FOLDER)}\n) as found\n"
        f"where period_start between {_day(spans[0])} and {_day(spans[-1] + 1)}"
        for name in ("uncounted_days", "uncounted_attempt_days")
    )
    older = (
        "select distinct source, tenant, period_start from daily_by_recipient_domain "
        "where is_addressed is null"
    )
    texts_of = "\nunion\n".join((of_messages, of_sign_ins, older))
    writer.execute(f"create or replace temp table uncounted_days as\n{texts_of}")
    days = writer.rows("select distinct period_start from uncounted_days order by period_start")
    return [day for (day,) in days]


def _day(span: int) -> str:
    """Return the first day of a span, as SQL has it."""
    return f"date '{_EPOCH + dt.timedelta(days=SPAN_DAYS * span)}'"


def _together(days: list[dt.date]) -> Iterator[tuple[dt.date, dt.date]]:
    """Return the first and the last of at most `MOST_DAYS` days that follow each other."""
    for n in range(0, len(days), MOST_DAYS):
        yield days[n], days[min(n + MOST_DAYS, len(days)) - 1]


def _count_days(writer: Writer, first: dt.date, last: dt.date) -> None:
    of_days = _OF_DAYS.format(f"date '{first}'", f"date '{last}'")
    rows = rows_of_days(of_days)
    for relation, table in _DAYS_KEPT.items():
        writer.execute(f"delete from {table} where {of_days}")
        counted = complete(_text(relation), rows)
        # In no order: sorted by sender they take as much room, and a third more time.
        writer.execute(f"insert into {table} by name\n{counted}")


def _count_span(writer: Writer, span: int) -> None:
    """Add up the days of a span, of the sources and tenants of which one changed."""
    days = (
        f"where period_start >= {_day(span)} and period_start < {_day(span + 1)} "
        f"and {_OF_SPAN.format(span)}"
    )
    of_days = {name: f"select * from {table}\n{days}" for name, table in _DAYS_KEPT.items()}
    for relation, table in SPANS.items():
        writer.execute(f"delete from {table} where span = {span} and {_OF_SPAN.format(span)}")
        summed = complete(_text(relation), of_days)
        writer.execute(f"insert into {table} by name\n{summed}")


def _text(relation: str) -> str:
    return sql_text(_OWN_SQL[relation]) if relation in _OWN_SQL else texts()[relation]
