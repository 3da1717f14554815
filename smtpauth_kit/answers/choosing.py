"""What an answer is given from where nobody says it: the days, and for each tenant the source."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from smtpauth_kit.answers.coverage import Told
from smtpauth_kit.answers.periods import Period, choose_periods
from smtpauth_kit.base.names import DEFAULT_DAYS, SOURCES, SUBMISSION_SOURCES

NEARLY: Final = 0.98
"""A source that counts this share of the largest count or more may be chosen for what it tells."""

_DAY: Final = dt.timedelta(days=1)

Reason = Literal["asked", "last_days", "report_period", "fuller_source"]
"""Why the range is what it is: somebody asked for it; the last days loaded; only a report's period
covers those; or a source that counts more ends a few days before them."""

Sources = tuple[tuple[str, str], ...]
"""Which source each tenant's figures come from: (tenant, source), each pair once."""


@dataclass(frozen=True)
class Range:
    """Days, both included, and why these."""

    start: dt.date
    end: dt.date
    reason: Reason = "last_days"


@dataclass(frozen=True)
class Candidate:
    """A source of one tenant, and what it knows of the range."""

    tenant: str
    source: str
    message_count: int
    auth: int
    """Basic auth or OAuth is told of none (0), some (1), or at least half of its messages (2)."""
    is_daily: bool
    """It counts days, not only periods of several."""
    told: Told | None = None
    """None: nobody asked, because it is the only source of its tenant."""

    @property
    def knows(self) -> tuple[int, bool, bool, bool, bool, int]:
        """What it knows, so that the one that knows most is the largest."""
        rank = -SOURCES.index(self.source)
        none, client_ip, recipients = self.told or Told()
        return (self.auth, self.is_daily, none, client_ip, recipients, rank)


def default_range(periods: Collection[Period], last: dt.date) -> Range:
    """Return the days to answer for where none are asked for.

    It is the last `DEFAULT_DAYS` days up to `last`, the newest day loaded. Where nothing that can
    be counted lies inside them and a report covers them, it is that report's period. Where a source
    that counts more drops out of them because its last day is a few days before (weekly reports up
    to Sunday and a log's line of Monday), it is the days that end there.

    Examples
    --------
    >>> day = lambda n: dt.date(2026, 11, n)
    >>> week = Period("report", "", day(16), day(22), 5_900)
    >>> line = Period("submission_log", "", day(23), day(23), 1)
    >>> found = default_range([week, line], day(23))
    >>> found.start.day, found.end.day, found.reason
    (16, 22, 'fuller_source')
    """
    usual = _days_to(last)
    inside, _ = _fullest_inside(periods, usual)
    others = {p.end for p in periods if usual.start <= p.end < last}
    choices = [(*_fullest_inside(periods, _days_to(end)), _days_to(end)) for end in others]
    fuller = [
        (count, days.end, days)
        for count, source, days in choices
        if count > inside and source and not _counts(periods, source, usual)
    ]
    if fuller:
        days = max(fuller, key=lambda choice: choice[:2])[2]
        return Range(days.start, days.end, "fuller_source")
    report = _report_over(periods, usual)
    if report and inside < (1 - NEARLY) * report.message_count * DEFAULT_DAYS / report.days:
        reason: Reason = "fuller_source" if inside else "report_period"
        return Range(report.start, report.end, reason)
    return usual


def _days_to(end: dt.date) -> Range:
    return Range(end - (DEFAULT_DAYS - 1) * _DAY, end)


def _fullest_inside(periods: Iterable[Period], days: Range) -> tuple[int, str | None]:
    """Return the largest count of a source inside some days, and that source."""
    counts = {s: _counts(periods, s, days) for s in SUBMISSION_SOURCES}
    source = max(counts, key=lambda s: (counts[s], -SOURCES.index(s)))
    return counts[source], source if counts[source] else None


def _counts(periods: Iterable[Period], source: str, days: Range) -> int:
    own = [p for p in periods if p.source == source and p.is_within(days.start, days.end)]
    return sum(p.message_count for p in (choose_periods(own) if source == "report" else own))


def _report_over(periods: Iterable[Period], days: Range) -> Period | None:
    """Return the period of a report that covers most of some days; of equal ones the latest."""

    def shared(period: Period) -> tuple[int, dt.date, int]:
        common = (min(period.end, days.end) - max(period.start, days.start)).days
        return common, period.end, period.message_count

    over = [p for p in periods if p.source == "report" and p.overlaps(days.start, days.end)]
    longer = [p for p in over if p.message_count and not p.is_within(days.start, days.end)]
    return max(longer, key=shared, default=None)


def telling_auth(periods: Iterable[Period]) -> list[Period]:
    """Return periods that count only messages of which Basic auth or OAuth is told.

    Those of a tenant of which no source tells any stay as they are.

    Examples
    --------
    >>> day = dt.date(2026, 11, 16)
    >>> trace = Period("extended_trace", "", day, day, 614)
    >>> log = Period("server_log", "", day, day, 100, 90)
    >>> [(p.source, p.message_count) for p in telling_auth([trace, log])]
    [('extended_trace', 0), ('server_log', 90)]
    """
    listed = list(periods)
    told = {p.tenant for p in listed if p.auth_known}
    return [replace(p, message_count=p.auth_known) if p.tenant in told else p for p in listed]


def candidates(
    inside: Iterable[Period],
    allowed: Collection[str],
    told: Callable[[], Mapping[tuple[str, str], Told]],
) -> dict[str, list[Candidate]]:
    """Return the sources of each tenant that have messages in the range, the best one first.

    Parameters
    ----------
    inside
        Days and periods that count, wholly inside the range.
    told
        Looks up what each source says of a message; it is asked only where that decides.
    """
    by_pair: dict[tuple[str, str], list[Period]] = {}
    for period in inside:
        if period.source in allowed and period.message_count:
            by_pair.setdefault((period.tenant, period.source), []).append(period)
    by_tenant: dict[str, list[Candidate]] = {}
    for (tenant, source), periods in by_pair.items():
        by_tenant.setdefault(tenant, []).append(_candidate(tenant, source, periods))
    return {tenant: _best_first(group, told) for tenant, group in sorted(by_tenant.items())}


def _candidate(tenant: str, source: str, periods: list[Period]) -> Candidate:
    count = sum(p.message_count for p in periods)
    known = sum(p.auth_known for p in periods)
    auth = 0 if not known else 2 if 2 * known >= count else 1
    return Candidate(tenant, source, count, auth, all(p.days == 1 for p in periods))


def _best_first(
    group: list[Candidate], told: Callable[[], Mapping[tuple[str, str], Told]]
) -> list[Candidate]:
    """Order the sources of a tenant: of those that count nearly most, the one that knows most."""
    if len(group) > 1:
        known = told()
        group = [
            Candidate(c.tenant, c.source, c.message_count, c.auth, c.is_daily,
                      known.get((c.tenant, c.source), Told()))
            for c in group
        ]  # fmt: skip
    ordered: list[Candidate] = []
    left = list(group)
    while left:
        most = max(each.message_count for each in left)
        nearly = [each for each in left if each.message_count >= NEARLY * most]
        ordered.append(max(nearly, key=lambda each: each.knows))
        left.remove(ordered[-1])
    return ordered


def choose_sources(
    by_tenant: Mapping[str, list[Candidate]], are_apart: Callable[[str, str, str], bool]
) -> Sources:
    """Return the source of each tenant, and those that may be added to it.

    Two sources are added only where no sender and no message stands in both on any day loaded.

    Examples
    --------
    >>> log = Candidate("", "server_log", 100, 2, True)
    >>> trace = Candidate("", "extended_trace", 614, 0, True)
    >>> choose_sources({"": [trace, log]}, lambda *pair: True)
    (('', 'extended_trace'), ('', 'server_log'))
    >>> choose_sources({"": [trace, log]}, lambda *pair: False)
    (('', 'extended_trace'),)
    """
    chosen: list[tuple[str, str]] = []
    for tenant, group in by_tenant.items():
        taken: list[str] = []
        for each in group:
            if all(are_apart(tenant, each.source, other) for other in taken):
                taken.append(each.source)
        chosen += [(tenant, source) for source in taken]
    return tuple(chosen)
