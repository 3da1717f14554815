"""Which days are loaded, and which of them only in part."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from smtpauth_kit.answers.composing import statement
from smtpauth_kit.answers.coverage import (
    first_and_last,
)
from smtpauth_kit.answers.scope import TOGETHER, PartOfDay, Scope
from smtpauth_kit.store.engine import Engine

if TYPE_CHECKING:
    pass

_DAY: Final = dt.timedelta(days=1)
_NEARLY_MIDNIGHT: Final = dt.timedelta(hours=1)
"""A day whose first or last message is nearer to midnight than this is taken for a whole one."""


def parts_of_days(engine: Engine, scope: Scope) -> tuple[PartOfDay, ...]:
    """Return the days at the ends of what a source has, where its messages show only a part."""
    if scope.start is None or scope.end is None or scope.filters.timezone != "UTC":
        return ()
    ends = first_and_last(engine)
    parts = []
    for source in (scope.messages_source or "").split(TOGETHER):
        if source not in ends or source == "report":
            continue
        first, last = ends[source]
        midnight = dt.datetime.combine(first.date(), dt.time())
        if first - midnight > _NEARLY_MIDNIGHT:
            parts.append(PartOfDay(first.date(), source, first.time(), None))
        midnight = dt.datetime.combine(last.date() + _DAY, dt.time())
        if midnight - last > _NEARLY_MIDNIGHT:
            parts.append(PartOfDay(last.date(), source, None, last.time()))
    return tuple(p for p in parts if scope.start <= p.day <= scope.end)


def covered_days(engine: Engine, scope: Scope) -> tuple[dt.date, ...]:
    """Return the days of the scope that its sources say something about, whoever sent on them.

    A day inside the period of a file is covered, also when nobody sent anything on it; a report
    covers the days of the periods that count.
    """
    days: set[dt.date] = set().union(*loaded_days(engine, scope).values())
    return tuple(sorted(day for day in days if scope.start is not None and day >= scope.start))


def loaded_days(engine: Engine, scope: Scope) -> dict[str, set[dt.date]]:
    """Return the days of the range that are loaded, by tenant."""
    of_sign_ins = scope.accounts_from == "sign_ins"
    sources = scope.sign_in_sources if of_sign_ins else scope.sources
    if scope.start is None or scope.end is None or not sources:
        return {}
    # A day of another time zone lies in two days of UTC.
    low, high = scope.start - _DAY, scope.end
    days: dict[str, set[dt.date]] = {}
    wanted = frozenset(sources)
    for source in {source for _, source in sources}:
        for tenant, start, end in spans(engine, scope, source):
            if (tenant, source) in wanted:
                start, end = max(start, low), min(end, high)
                inside = (start + n * _DAY for n in range((end - start).days + 1))
                days.setdefault(tenant, set()).update(inside)
    return days


def spans(engine: Engine, scope: Scope, source: str) -> list[tuple[str, dt.date, dt.date]]:
    """Return tenant, first and last day of a source's files; of a report, of what counts."""
    if source == "report":
        return [(period.tenant, period.start, period.end) for period in scope.counted]
    key = ("loaded_periods", source)
    return engine.found_once(key, lambda: _find_loaded_periods(engine, source))


def _find_loaded_periods(engine: Engine, source: str) -> list[tuple[str, dt.date, dt.date]]:
    rows = engine.rows(*statement("loaded_periods", params={"source": source}))
    return [(tenant, start, end) for tenant, start, end in rows]
