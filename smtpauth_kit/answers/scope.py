"""What an answer is given from: the range, the sources, the report periods that count.

No figure adds two overlapping exports, or two sources that may count the same messages; what is
therefore left out is said.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from smtpauth_kit.answers import sender_conditions
from smtpauth_kit.answers.choosing import Reason, Sources
from smtpauth_kit.answers.composing import statement
from smtpauth_kit.answers.periods import Period, choose_periods
from smtpauth_kit.base.filter_fields import ADDRESS, DOMAINS, FilterField
from smtpauth_kit.base.filters import FIELDS, Filters
from smtpauth_kit.base.names import SOURCES
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.store.rows import Rows
from smtpauth_kit.values import addresses

if TYPE_CHECKING:
    import pandas as pd

TOP: Final = 10
"""So many senders or domains stand on their own in a ranking; the others are added up."""

TOGETHER: Final = "+"
"""What stands between the names of sources that are shown together."""

_DAY: Final = dt.timedelta(days=1)


@dataclass(frozen=True)
class Offer:
    """A source that may be chosen: what it has of the range, whoever sent it."""

    source: str
    message_count: int
    day_count: int
    """Days of the range that it has messages of, or counts in a report's period."""
    cannot_tell: tuple[str, ...] = ()
    """As :attr:`Scope.cannot_tell`, of this source alone."""


@dataclass(frozen=True)
class PartOfDay:
    """A day of which a source has only a part, as far as its messages show."""

    day: dt.date
    source: str
    since: dt.time | None
    """When its first message was; None: the part begins at midnight."""
    until: dt.time | None


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
    """Where every figure comes from, several joined by `TOGETHER`; None when no source has data in
    the range."""
    not_shown: Mapping[str, int]
    """Messages that the other sources hold beyond what is shown: of each sender in the range, under
    the same filters, as many as a source counts more."""
    outside_window: tuple[Period, ...] = ()
    """Report periods that do not lie wholly inside the range: in no total."""
    overlapped: tuple[Period, ...] = ()
    """Report periods left out because they overlap ones that count."""
    counted: tuple[Period, ...] = ()
    """Report periods that count."""
    accounts_from: str = "submissions"
    """"submissions", or "sign_ins" where only those are loaded, or asked for."""
    sources: Sources = ()
    """The source of each tenant's messages: (tenant, source)."""
    sign_in_sources: Sources = ()
    """The same of its sign-ins."""
    cannot_tell: tuple[str, ...] = ()
    """What none of the formats loaded for the source says."""
    auth_told_by: tuple[str, ...] = ()
    """Where the source does not say Basic auth or OAuth: sources with data in the range that do."""
    covered: tuple[dt.date, ...] = ()
    """Days of the range the source says something about; a sender without a message sent none."""
    reason: Reason = "asked"
    """Why the range is what it is."""
    later: Mapping[str, int] = field(default_factory=dict)
    """Messages of each source after a range that nobody asked for."""
    offers: tuple[Offer, ...] = ()
    """The sources that have messages in the range, in the order of `SOURCES`."""
    parts: tuple[PartOfDay, ...] = ()
    """Days that are covered only in part."""
    untold: frozenset[str] = frozenset()
    """Figures that no source shown tells ("none", "1.3": that one of them does not), so that none
    of them is 0: of `UNTELLABLE`."""

    lacks_hub_log: bool = False
    """A log of an Exchange front end is loaded, and none of the hub whose messages it tells of."""

    @property
    def sign_in_source(self) -> str | None:
        """Where sign-ins are counted from; None when there are none in the range."""
        return together(source for _, source in self.sign_in_sources)

    @property
    def messages_source(self) -> str | None:
        """Where messages are counted from, also for what is asked about sign-ins."""
        return together(source for _, source in self.sources)

    @property
    def before_start(self) -> dt.date | None:
        """The first of as many days before the range."""
        if self.start is None or self.end is None:
            return None
        days = self.end - self.start + _DAY
        return self.start - days if self.start - dt.date.min >= days else None

    @property
    def before_end(self) -> dt.date | None:
        """The last day before the range."""
        return None if self.start in (None, dt.date.min) else self.start - _DAY

    @property
    def counted_before(self) -> tuple[Period, ...]:
        """Report periods that count of as many days before the range."""
        start, end = self.before_start, self.before_end
        if start is None or end is None:
            return ()
        return tuple(choose_periods(p for p in self.outside_window if p.is_within(start, end)))

    @property
    def counted_earlier(self) -> tuple[Period, ...]:
        """Report periods that count of all days before the range."""
        start = self.start or dt.date.min
        return tuple(choose_periods(p for p in self.outside_window if p.end < start))

    def params(self, sources: Sources | None = None) -> dict[str, Any]:
        """Return the parameters of the answers' SQL, for other sources if they are given."""
        return {
            **_pairs("source", self.sources if sources is None else sources),
            **_pairs("sign_in_source", self.sign_in_sources),
            "start": self.start or dt.date.max,
            "end": self.end or dt.date.min,
            "periods": _named(self.counted),
            "before_start": self.before_start or dt.date.max,
            "before_end": self.before_end or dt.date.min,
            "before_periods": _named(self.counted_before),
            **_near("near_start", "near_end", self.start, self.end),
            **_near("near_before_start", "near_before_end", self.before_start, self.before_end),
            "earlier_periods": _named(self.counted_earlier),
            "shown_tenants": sorted({tenant for tenant, _ in self.sources}),
            **{f.name: _compared(f, self.filters) for f in FIELDS if f.of_messages},
            "timezone": self.filters.timezone,
            "untold": sorted(self.untold),
            "top": TOP,
            **sender_conditions.having(self.filters).params,
        }


UNTELLABLE: Final = ("auth", "tls", "none", "1.3", "client_ip")
"""What a source may be unable to tell: Basic auth or OAuth; TLS versions; no TLS from unknown; TLS
1.3 from another; client IP addresses."""


def together(sources: Iterable[str]) -> str | None:
    """Return the names of sources, each once and in the order of `SOURCES`, as one.

    Examples
    --------
    >>> together(["extended_trace", "server_log", "server_log"])
    'server_log+extended_trace'
    """
    return TOGETHER.join(sorted(set(sources), key=SOURCES.index)) or None


def _near(first: str, last: str, start: dt.date | None, end: dt.date | None) -> dict[str, dt.date]:
    """Return, as parameters, the days of UTC that the days of any time zone lie among."""
    if start is None or end is None:
        return {first: dt.date.max, last: dt.date.min}
    day = dt.timedelta(days=1)
    return {
        first: start - day if start > dt.date.min else start,
        last: end + day if end < dt.date.max else end,
    }


def _named(periods: Iterable[Period]) -> list[str]:
    return [f"{p.tenant}|{p.start}|{p.end}" for p in periods if p.source == "report"]


def _pairs(name: str, chosen: Sources) -> dict[str, Any]:
    """Return the parameters that choose rows of a source: one name where that is enough."""
    sources = {source for _, source in chosen}
    if len(sources) == 1:
        return {name: chosen[0][1], f"{name}s": []}
    return {name: "", f"{name}s": [f"{tenant}|{source}" for tenant, source in chosen]}


def _compared(entry: FilterField, filters: Filters) -> Any:
    """Return the value of a filter in the form in which rows are compared with it."""
    value = getattr(filters, entry.name)
    if entry.kind is DOMAINS:
        return [addresses.domain_key(domain) for domain in value]
    if entry.kind is ADDRESS:
        return sender_conditions.address_key(value) if value else None
    return list(value) if entry.kind.repeats else value


def sql_of(name: str, scope: Scope) -> tuple[str, dict[str, Any]]:
    """Return the SQL and parameters that answer a question in a scope, to be shown or pasted.

    Examples
    --------
    >>> sql, params = sql_of("tls-usage", settle_scope(store))
    >>> store.run(sql, params)["message_count"].tolist()
    [2, 1]
    """
    return statement(name.replace("-", "_"), scope.filters, scope.params())


def plain_rows_of(engine: Engine, name: str, scope: Scope, **more: Any) -> Rows:
    """Return the same as plain rows."""
    return engine.rows(*statement(name, scope.filters, {**scope.params(), **more}))


def rows_of(engine: Engine, name: str, scope: Scope, **more: Any) -> pd.DataFrame:
    """Return the rows of an answer's SQL in a scope; `more` are parameters of its own."""
    return engine.run(*statement(name, scope.filters, {**scope.params(), **more}))
