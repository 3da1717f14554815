"""Which days are loaded, and which of them only in part."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Final
from zoneinfo import ZoneInfo

from smtpauth_kit.answers.composing import statement
from smtpauth_kit.answers.coverage import first_and_last
from smtpauth_kit.answers.scope import PartOfDay, Scope
from smtpauth_kit.store.engine import Engine

_Place = tuple[dt.date, str]
"""A day and a source."""

_DAY: Final = dt.timedelta(days=1)
_NEARLY_MIDNIGHT: Final = dt.timedelta(hours=1)
"""A day whose first or last message is nearer to midnight than this is taken for a whole one."""


def parts_of_days(engine: Engine, scope: Scope) -> tuple[PartOfDay, ...]:
    """Return the days at the ends of what a source has, where its messages show only a part.

    Days and times are those of the scope's zone. Of several tenants that a source has a part of
    the same day of, it is the smallest part.
    """
    if scope.start is None or scope.end is None:
        return ()
    zone = ZoneInfo(scope.filters.timezone)
    begun, ended = dict[_Place, dt.time](), dict[_Place, dt.time]()
    for (tenant, source), ends in first_and_last(engine).items():
        if (tenant, source) not in scope.sources or source == "report":
            continue
        first, last = (
            at.replace(tzinfo=dt.UTC).astimezone(zone).replace(tzinfo=None) for at in ends
        )
        if first - dt.datetime.combine(first, dt.time()) > _NEARLY_MIDNIGHT:
            place = first.date(), source
            begun[place] = max(first.time(), begun.get(place, first.time()))
        if dt.datetime.combine(last.date() + _DAY, dt.time()) - last > _NEARLY_MIDNIGHT:
            place = last.date(), source
            ended[place] = min(last.time(), ended.get(place, last.time()))
    parts = [PartOfDay(*place, at, None) for place, at in begun.items()]
    parts += [PartOfDay(*place, None, at) for place, at in ended.items()]
    return tuple(part for part in parts if scope.start <= part.day <= scope.end)


def covered_days(engine: Engine, scope: Scope) -> tuple[dt.date, ...]:
    """Return the days of the scope that its sources say something about, whoever sent on them.

    A day inside the period of a file is covered, also when nobody sent anything on it; a report
    covers the days of the periods that count. Files are of days of UTC: of another zone's day a
    part is enough.
    """
    if scope.start is None or scope.end is None:
        return ()
    start, end = scope.start, scope.end
    days: set[dt.date] = set()
    for _, source, found in _days_of_sources(engine, scope):
        days |= found if source == "report" else local_days(found, scope.filters.timezone)
    return tuple(sorted(day for day in days if start <= day <= end))


def local_days(days: Iterable[dt.date], timezone: str) -> set[dt.date]:
    """Return the days of a time zone that any hour of these days of UTC lies on.

    Examples
    --------
    >>> day = dt.date(2026, 11, 3)
    >>> [each.day for each in sorted(local_days([day], "Europe/Amsterdam"))]
    [3, 4]
    >>> [each.day for each in sorted(local_days([day], "America/New_York"))]
    [2, 3]
    """
    if timezone == "UTC":
        return set(days)
    zone = ZoneInfo(timezone)
    ends = (dt.time(0, tzinfo=dt.UTC), dt.time.max.replace(tzinfo=dt.UTC))
    return {
        dt.datetime.combine(day, at).astimezone(zone).date()
        for day in days
        for at in ends
        if dt.date.min < day < dt.date.max
    }


def loaded_days(engine: Engine, scope: Scope) -> dict[str, set[dt.date]]:
    """Return the days of UTC that are loaded of the range, by tenant.

    Of another zone's days they are one more on each side.
    """
    days: dict[str, set[dt.date]] = {}
    for tenant, _, found in _days_of_sources(engine, scope):
        days.setdefault(tenant, set()).update(found)
    return days


def _days_of_sources(engine: Engine, scope: Scope) -> Iterator[tuple[str, str, set[dt.date]]]:
    """Return tenant, source and the days of UTC that each of its files has; see `loaded_days`."""
    of_sign_ins = scope.accounts_from == "sign_ins"
    sources = scope.sign_in_sources if of_sign_ins else scope.sources
    if scope.start is None or scope.end is None or not sources:
        return
    low, high = scope.start, scope.end
    if scope.filters.timezone != "UTC":  # A day of another zone lies in two days of UTC.
        low = low - _DAY if low > dt.date.min else low
        high = high + _DAY if high < dt.date.max else high
    wanted = frozenset(sources)
    for source in sorted({source for _, source in sources}):
        for tenant, start, end in spans(engine, scope, source):
            if (tenant, source) in wanted:
                start, end = max(start, low), min(end, high)
                yield tenant, source, {start + n * _DAY for n in range((end - start).days + 1)}


def spans(engine: Engine, scope: Scope, source: str) -> list[tuple[str, dt.date, dt.date]]:
    """Return tenant, first and last day of a source's files; of a report, of what counts."""
    if source == "report":
        return [(period.tenant, period.start, period.end) for period in scope.counted]
    key = ("loaded_periods", source)
    return engine.found_once(key, lambda: _find_loaded_periods(engine, source))


def _find_loaded_periods(engine: Engine, source: str) -> list[tuple[str, dt.date, dt.date]]:
    rows = engine.rows(*statement("loaded_periods", params={"source": source}))
    return [(tenant, start, end) for tenant, start, end in rows]
