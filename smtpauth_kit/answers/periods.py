"""Periods that an export counts messages for, and which of a report's periods count."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Period:
    """Days that one source counts messages for: one day, or the range of a report."""

    source: str
    tenant: str
    start: dt.date
    end: dt.date
    message_count: int
    auth_known: int = 0
    """Of how many of them it is told whether they used Basic auth or OAuth."""
    tls_known: int = 0
    """Of how many of them the TLS version is told, or that there was none."""

    @property
    def days(self) -> int:
        """How many days it covers."""
        return (self.end - self.start).days + 1

    def is_within(self, start: dt.date, end: dt.date) -> bool:
        """Tell whether it lies wholly inside a range."""
        return start <= self.start and self.end <= end

    def overlaps(self, start: dt.date, end: dt.date) -> bool:
        """Tell whether it shares a day with a range."""
        return self.start <= end and start <= self.end

    def as_dict(self) -> dict[str, Any]:
        """Return it as answers print it."""
        return {
            "source": self.source,
            "tenant": self.tenant,
            "period_start": self.start,
            "period_end": self.end,
            "message_count": self.message_count,
        }


def choose_periods(periods: Iterable[Period], *, by_auth: bool = False) -> list[Period]:
    """Return the non-overlapping periods that cover most days, for each tenant.

    Of sets that cover equally many, the one of fewer periods; then the one that ends later. With
    `by_auth` the one of more days of which authentication is told comes first of all these.

    Examples
    --------
    >>> from dataclasses import replace
    >>> day = lambda n: dt.date(2026, 11, n)
    >>> week = lambda a, b: Period("report", "", day(a), day(b), 70)
    >>> chosen = choose_periods([week(1, 7), week(8, 14), week(5, 10)])
    >>> [(p.start.day, p.end.day) for p in chosen]
    [(1, 7), (8, 14)]
    >>> told = [replace(each, auth_known=70) for each in (week(1, 7), week(8, 14))]
    >>> [len(choose_periods([week(1, 14), *told], by_auth=asked)) for asked in (False, True)]
    [1, 2]
    """
    by_tenant: dict[str, list[Period]] = {}
    for period in periods:
        by_tenant.setdefault(period.tenant, []).append(period)
    return [period for group in by_tenant.values() for period in _best_set(group, by_auth)]


def _best_set(periods: list[Period], by_auth: bool) -> list[Period]:
    """Weighted interval scheduling over the periods in order of their last day."""
    ordered = sorted(periods, key=lambda p: (p.end, p.start))
    best: list[tuple[int, int, int, int, list[Period]]] = [(0, 0, 0, 0, [])]
    for i, period in enumerate(ordered):
        before = max(j for j in range(i + 1) if j == 0 or ordered[j - 1].end < period.start)
        days, told, fewer, _, chosen = best[before]
        told += period.days if by_auth and period.auth_known else 0
        taken = (days + period.days, told, fewer - 1, i + 1, [*chosen, period])
        best.append(max(best[i], taken, key=lambda option: option[:4]))
    return best[-1][4]
