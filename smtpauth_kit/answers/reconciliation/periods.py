"""Which sources and which periods are reconciled.

Where a tenant has reports that count, a period is that of such a report. Where it has none, the
messages of its logs and traces are compared day by day, and the period is the days from the first
to the last that two of them cover.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from typing import Final

from smtpauth_kit.answers.coverage import loaded_periods, loaded_sign_ins
from smtpauth_kit.answers.periods import Period, choose_periods
from smtpauth_kit.answers.pulled import check_held
from smtpauth_kit.answers.reconciliation.relations import completed
from smtpauth_kit.answers.scope import TOGETHER, Scope, together
from smtpauth_kit.answers.settling import choose_sign_in_sources
from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filters import ALL, Filters
from smtpauth_kit.base.names import SOURCES, SUBMISSION_SOURCES
from smtpauth_kit.store.engine import Engine

_DAY: Final = dt.timedelta(days=1)

Span = tuple[str, dt.date, dt.date]
"""A tenant's period: tenant, first day, last day."""


def compared_sources(filters: Filters) -> tuple[str, ...]:
    """Return the sources of messages that are compared, in the order of `SOURCES`.

    Raises
    ------
    UsageError
        Fewer than two sources of messages are asked for, or days or senders that cannot be.

    Examples
    --------
    >>> compared_sources(Filters(source="server_log+report"))
    ('server_log', 'report')
    """
    asked = SUBMISSION_SOURCES if filters.source == "auto" else filters.source.split(TOGETHER)
    if len(set(asked) & set(SUBMISSION_SOURCES)) < 2 or not set(asked) <= set(SOURCES):
        raise UsageError(
            "Sources are compared with each other, and {source} is not two of them. Leave --source "
            "out, or name two or more with {sign} between them. Sources of messages: {known}.",
            source=repr(filters.source),
            sign=TOGETHER,
            known=SUBMISSION_SOURCES,
        )
    _check(filters)
    return tuple(source for source in SUBMISSION_SOURCES if source in asked)


def _check(filters: Filters) -> None:
    if filters.start and filters.end and filters.start > filters.end:
        raise UsageError(
            "The range starts on {start} and ends on {end}, before it starts.",
            start=filters.start,
            end=filters.end,
        )
    for option, unusual in (
        ("--timezone", filters.timezone != "UTC"),
        ("--senders", bool(filters.senders)),
    ):
        if unusual:
            raise UsageError(
                "Sources are compared in days of UTC, sender by sender: leave {option} out. "
                "Conditions on the rows: --where.",
                option=option,
            )


def reconciled_scope(engine: Engine, filters: Filters) -> Scope:
    """Return the scope in which sources are compared: every day loaded, unless days are asked for.

    `source` names the sources that have messages or counts in it, `counted` the report periods
    that lie wholly inside it and overlap no other that counts.

    Raises
    ------
    UsageError
        As for :func:`compared_sources`.

    Examples
    --------
    >>> scope = reconciled_scope(store, Filters())
    >>> scope.start, scope.end, scope.source
    (datetime.date(2026, 11, 16), datetime.date(2026, 11, 22), 'submission_log')
    """
    compared = compared_sources(filters)
    check_held(engine, "reconciliation")
    every, _ = loaded_periods(engine, ALL)
    loaded = [p for p in every if p.source in compared]
    days = [p.start for p in loaded] + [p.end for p in loaded]
    oldest, newest = (min(days), max(days)) if days else (None, None)
    start, end = filters.start or oldest, filters.end or filters.as_of or newest
    sign_ins, _ = loaded_sign_ins(engine, ALL)
    if start is None or end is None:
        return Scope(filters, None, None, oldest, newest, None, {})
    inside = [p for p in loaded if p.is_within(start, end)]
    counted = choose_periods(p for p in inside if p.source == "report")
    pairs = sorted({(p.tenant, p.source) for p in inside}, key=_by_tenant)
    reports = [p for p in loaded if p.source == "report"]
    return Scope(
        filters, start, end, oldest, newest, together(source for _, source in pairs), {},
        sources=tuple(pairs), counted=tuple(counted),
        outside_window=tuple(p for p in reports if p not in inside),
        overlapped=tuple(p for p in reports if p in inside and p not in counted),
        sign_in_sources=choose_sign_in_sources(
            [each for each in sign_ins if start <= each.day <= end], SOURCES
        ),
    )  # fmt: skip


def _by_tenant(pair: tuple[str, str]) -> tuple[str, int]:
    return pair[0], SOURCES.index(pair[1])


def spans(engine: Engine, scope: Scope) -> list[Span]:
    """Return the periods that are reconciled, tenant by tenant, in order."""
    reports: dict[str, list[Period]] = {}
    for period in scope.counted:
        reports.setdefault(period.tenant, []).append(period)
    found = [(tenant, p.start, p.end) for tenant, own in reports.items() for p in own]
    for tenant in sorted({tenant for tenant, _ in scope.sources} - set(reports)):
        found += _common_range(engine, scope, tenant)
    return sorted(found)


def _common_range(engine: Engine, scope: Scope, tenant: str) -> Iterator[Span]:
    """Yield the days from the first to the last one that two of a tenant's sources cover."""
    named = {source for each, source in scope.sources if each == tenant}
    covering: Counter[dt.date] = Counter()
    for source in named:
        covering.update(_covered_days(engine, scope, tenant, source))
    common = [day for day, count in covering.items() if count > 1]
    if common:
        yield tenant, min(common), max(common)


def _covered_days(engine: Engine, scope: Scope, tenant: str, source: str) -> set[dt.date]:
    assert scope.start is not None and scope.end is not None
    found: set[dt.date] = set()
    for named, of_tenant, first, last in _files(engine):
        if (named, of_tenant) == (source, tenant):
            first, last = max(first, scope.start), min(last, scope.end)
            found.update(first + n * _DAY for n in range((last - first).days + 1))
    return found


def _files(engine: Engine) -> list[tuple[str, str, dt.date, dt.date]]:
    """Return source, tenant, first and last day of each file that tells of messages."""
    sql = completed("select distinct source, tenant, period_start, period_end\nfrom message_files")
    rows = engine.found_once(("message_files",), lambda: engine.rows(sql))
    return [(source, tenant, first, last) for source, tenant, first, last in rows]


def named_days(spans: list[Span]) -> list[str]:
    """Return every day of the periods as the statement reads it: DAY|FIRST DAY|LAST DAY|TENANT.

    Examples
    --------
    >>> named_days([("a|b", dt.date(2026, 11, 16), dt.date(2026, 11, 17))])
    ['2026-11-16|2026-11-16|2026-11-17|a|b', '2026-11-17|2026-11-16|2026-11-17|a|b']
    """
    return [
        f"{first + n * _DAY}|{first}|{last}|{tenant}"
        for tenant, first, last in spans
        for n in range((last - first).days + 1)
    ]
