"""What an answer is given from: the range, the one source, the report periods that count.

No figure adds two sources or two overlapping exports; what is therefore left out is said.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from smtpauth_kit.answers import sender_conditions
from smtpauth_kit.answers.composing import statement
from smtpauth_kit.answers.periods import Period, choose_periods
from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filter_fields import ADDRESS, DOMAINS, FilterField
from smtpauth_kit.base.filters import ALL, FIELDS, Filters
from smtpauth_kit.base.names import DEFAULT_DAYS, SOURCES, SUBMISSION_SOURCES
from smtpauth_kit.store.engine import Engine, at_one_moment
from smtpauth_kit.values import addresses

if TYPE_CHECKING:
    import pandas as pd

TOP: Final = 10
"""So many senders or domains stand on their own in a ranking; the others are added up."""

_DAY: Final = dt.timedelta(days=1)


@dataclass(frozen=True)
class Scope:
    """What a question is answered from; made once for all that one screen shows."""

    filters: Filters
    start: dt.date | None
    end: dt.date | None
    """The range answered, both days included; None when nothing is loaded."""
    oldest: dt.date | None
    newest: dt.date | None
    """First and last day loaded; days ahead of the clock count only when there are no others."""
    source: str | None
    """Where every figure comes from; None when no source has data in the range."""
    not_shown: Mapping[str, int]
    """Messages that the other sources hold in the range, under the same filters."""
    outside_window: tuple[Period, ...] = ()
    """Report periods that do not lie wholly inside the range: in no total."""
    overlapped: tuple[Period, ...] = ()
    """Report periods left out because they overlap ones that count."""
    counted: tuple[Period, ...] = ()
    """Report periods that count."""
    accounts_from: str = "submissions"
    """"submissions", or "sign_ins" where only those are loaded."""
    messages_source: str | None = None
    """Where messages are counted from, also for what is asked about sign-ins."""
    sign_in_source: str | None = None
    cannot_tell: tuple[str, ...] = ()
    """What none of the formats loaded for the source says."""
    auth_told_by: tuple[str, ...] = ()
    """Where the source does not say Basic auth or OAuth: sources with data in the range that do."""
    covered: tuple[dt.date, ...] = ()
    """Days of the range the source says something about; a sender without a message sent none."""

    def params(self, source: str | None = None) -> dict[str, Any]:
        """Return the parameters of the answers' SQL, for another source if one is named."""
        periods = [period for period in self.counted if period.source == "report"]
        return {
            "source": source or self.messages_source or "",
            "sign_in_source": self.sign_in_source or "",
            "start": self.start or dt.date.max,
            "end": self.end or dt.date.min,
            "periods": [f"{p.tenant}|{p.start}|{p.end}" for p in periods],
            **{f.name: _compared(f, self.filters) for f in FIELDS if f.of_messages},
            "timezone": self.filters.timezone,
            "top": TOP,
            **sender_conditions.having(self.filters).params,
        }


def _compared(field: FilterField, filters: Filters) -> Any:
    """Return the value of a filter in the form in which rows are compared with it."""
    value = getattr(filters, field.name)
    if field.kind is DOMAINS:
        return [addresses.domain_key(domain) for domain in value]
    if field.kind is ADDRESS:
        return sender_conditions.address_key(value) if value else None
    return list(value) if field.kind.repeats else value


@at_one_moment
def settle_scope(engine: Engine, filters: Filters = ALL, *, about: str = "submissions") -> Scope:
    """Settle the range, the source and the periods that count.

    Parameters
    ----------
    about
        "submissions", or "sign_ins": whose newest day ends the default range.

    Raises
    ------
    UsageError
        The range ends before it starts, or there is no such source or time zone.

    Examples
    --------
    >>> scope = settle_scope(store)
    >>> scope.source, scope.start, scope.end
    ('submission_log', datetime.date(2026, 11, 16), datetime.date(2026, 11, 22))
    """
    _check(filters)
    periods, ahead = loaded_periods(engine, filters)
    sign_in_days, sign_ins_ahead = _sign_in_days(engine, filters)
    days = [(p.start, p.end) for p in periods]
    if about == "sign_ins" or not periods:
        days, ahead = [(d, d) for ds in sign_in_days.values() for d in ds], sign_ins_ahead
    oldest, newest = _bounds(days, ahead)
    start, end = _range(filters, newest)
    scope = Scope(filters, start, end, oldest, newest, None, {})
    if start is None or end is None:
        return scope
    return _with_sources(engine, scope, periods, sign_in_days)


def _check(filters: Filters) -> None:
    if filters.start and filters.end and filters.start > filters.end:
        raise UsageError(
            "The range starts on {start} and ends on {end}, before it starts.",
            start=filters.start,
            end=filters.end,
        )
    sender_conditions.having(filters)
    if filters.source not in ("auto", *SOURCES):
        raise UsageError(
            "There is no source {source}. Expected auto, {known}.",
            source=repr(filters.source),
            known=SOURCES,
        )
    try:
        ZoneInfo(filters.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(
            "There is no time zone {zone}. Expected a name like Europe/Amsterdam.",
            zone=repr(filters.timezone),
        ) from None


def loaded_periods(engine: Engine, filters: Filters) -> tuple[list[Period], set[dt.date]]:
    """Return every day and period loaded, and those days that lie ahead of the clock."""
    key = ("periods", filters.timezone)
    return engine.found_once(key, lambda: _find_periods(engine, filters))


def _find_periods(engine: Engine, filters: Filters) -> tuple[list[Period], set[dt.date]]:
    rows = engine.run(*statement("coverage", filters, {"timezone": filters.timezone}))
    periods = [
        Period(source, tenant, start, end, int(count))
        for source, tenant, start, end, _, count in rows.itertuples(index=False)
    ]
    ahead = {p.end for p, late in zip(periods, rows["ahead_of_clock"], strict=True) if late}
    return periods, ahead


def _sign_in_days(engine: Engine, filters: Filters) -> tuple[dict[str, set[dt.date]], set[dt.date]]:
    key = ("sign_in_days", filters.timezone)
    return engine.found_once(key, lambda: _find_sign_in_days(engine, filters))


def _find_sign_in_days(
    engine: Engine, filters: Filters
) -> tuple[dict[str, set[dt.date]], set[dt.date]]:
    rows = engine.run(*statement("sign_in_coverage", filters, {"timezone": filters.timezone}))
    days: dict[str, set[dt.date]] = {}
    for source, day in zip(rows["source"], rows["day"], strict=True):
        days.setdefault(source, set()).add(day)
    return days, set(rows["day"][rows["ahead_of_clock"]])


def _bounds(
    days: list[tuple[dt.date, dt.date]], ahead: set[dt.date]
) -> tuple[dt.date | None, dt.date | None]:
    """Return the first and last day; a row dated far ahead must not move “last 7 days” there."""
    if not days:
        return None, None
    usual = [day for day in days if day[1] not in ahead] or days
    return min(start for start, _ in usual), max(end for _, end in usual)


def _range(filters: Filters, newest: dt.date | None) -> tuple[dt.date | None, dt.date | None]:
    end = filters.end or filters.as_of or newest
    if end is None:
        return None, None
    if filters.start is None:
        return end - (DEFAULT_DAYS - 1) * _DAY, end
    return filters.start, max(end, filters.start)


def _with_sources(
    engine: Engine, scope: Scope, periods: list[Period], sign_in_days: Mapping[str, set[dt.date]]
) -> Scope:
    assert scope.start is not None and scope.end is not None
    start, end = scope.start, scope.end
    inside = [p for p in periods if p.is_within(start, end)]
    reports = [p for p in inside if p.source == "report"]
    counted = choose_periods(reports)
    others = [p for p in inside if p.source != "report"]
    source: str | None = scope.filters.source
    if source == "auto":
        source = _fullest(SUBMISSION_SOURCES, [*counted, *others])
        if source is None and not periods and sign_in_days:
            source = _most_days(sign_in_days)
    of_sign_ins = {s: {d for d in days if start <= d <= end} for s, days in sign_in_days.items()}
    settled = replace(
        scope,
        source=source,
        messages_source=source,
        outside_window=tuple(
            p for p in periods if p.source == "report" and not p.is_within(start, end)
        ),
        overlapped=tuple(p for p in reports if p not in counted),
        counted=tuple(counted),
        accounts_from="submissions" if periods or not sign_in_days else "sign_ins",
        sign_in_source=_most_days(of_sign_ins),
        cannot_tell=what_is_not_told(engine, source),
    )
    settled = replace(settled, covered=_covered_days(engine, settled))
    present = sorted({p.source for p in inside} - {source}, key=SOURCES.index)
    return replace(
        settled,
        not_shown={s: _messages(engine, settled, s) for s in present},
        auth_told_by=_auth_told_by(engine, source, present),
    )


def _auth_told_by(engine: Engine, source: str | None, present: list[str]) -> tuple[str, ...]:
    telling = engine.found_once(("auth_told",), lambda: _find_auth_tellers(engine))
    return () if source in telling else tuple(s for s in present if s in telling)


def _find_auth_tellers(engine: Engine) -> frozenset[str]:
    return frozenset(engine.run(*statement("auth_tellers"))["source"])


def what_is_not_told(engine: Engine, source: str | None) -> tuple[str, ...]:
    """Return what none of the formats loaded for a source says."""
    key = ("cannot_tell", source or "")
    return engine.found_once(key, lambda: _find_what_is_not_told(engine, source))


def _find_what_is_not_told(engine: Engine, source: str | None) -> tuple[str, ...]:
    rows = engine.run(*statement("cannot_tell", params={"source": source or ""}))
    said = rows["cannot_tell"].tolist()
    return tuple(p for p in (said[0] if said else ()) if all(p in phrases for phrases in said))


def _fullest(order: Iterable[str], periods: Iterable[Period]) -> str | None:
    days: dict[str, set[dt.date]] = {}
    for period in periods:
        covered = (period.start + n * _DAY for n in range(period.days))
        days.setdefault(period.source, set()).update(covered)
    return _most_days({source: days[source] for source in order if source in days})


def _most_days(days: Mapping[str, set[dt.date]]) -> str | None:
    """Return the source with data on most days; of equal ones the first in `SOURCES`."""
    ranked = sorted((-len(dates), SOURCES.index(source)) for source, dates in days.items() if dates)
    return SOURCES[ranked[0][1]] if ranked else None


def _messages(engine: Engine, scope: Scope, source: str) -> int:
    rows = engine.run(*statement("message_count", scope.filters, scope.params(source)))
    return int(rows["message_count"].iloc[0])


def _covered_days(engine: Engine, scope: Scope) -> tuple[dt.date, ...]:
    """Return the days of the scope that its source says something about, whoever sent on them.

    A day inside the period of a file is covered, also when nobody sent anything on it; a report
    covers the days of the periods that count.
    """
    days: set[dt.date] = set().union(*loaded_days(engine, scope).values())
    return tuple(sorted(day for day in days if scope.start is not None and day >= scope.start))


def loaded_days(engine: Engine, scope: Scope) -> dict[str, set[dt.date]]:
    """Return the days of the range that are loaded, by tenant."""
    source = scope.source if scope.accounts_from == "submissions" else scope.sign_in_source
    if scope.start is None or scope.end is None or source is None:
        return {}
    spans = [(period.tenant, period.start, period.end) for period in scope.counted]
    if source != "report":
        key = ("loaded_periods", source)
        spans = engine.found_once(key, lambda: _find_loaded_periods(engine, source))
    # A day of another time zone lies in two days of UTC.
    low, high = scope.start - _DAY, scope.end
    days: dict[str, set[dt.date]] = {}
    for tenant, start, end in spans:
        start, end = max(start, low), min(end, high)
        inside = (start + n * _DAY for n in range((end - start).days + 1))
        days.setdefault(tenant, set()).update(inside)
    return days


def _find_loaded_periods(engine: Engine, source: str) -> list[tuple[str, dt.date, dt.date]]:
    rows = engine.run(*statement("loaded_periods", params={"source": source}))
    return list(rows.itertuples(index=False, name=None))


def sql_of(name: str, scope: Scope) -> tuple[str, dict[str, Any]]:
    """Return the SQL and parameters that answer a question in a scope, to be shown or pasted.

    Examples
    --------
    >>> sql, params = sql_of("tls-usage", settle_scope(store))
    >>> store.run(sql, params)["message_count"].tolist()
    [2, 1]
    """
    return statement(name.replace("-", "_"), scope.filters, scope.params())


def rows_of(engine: Engine, name: str, scope: Scope, **more: Any) -> pd.DataFrame:
    """Return the rows of an answer's SQL in a scope; `more` are parameters of its own."""
    return engine.run(*statement(name, scope.filters, {**scope.params(), **more}))
