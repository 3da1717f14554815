"""What an answer is given from: the range, the sources, the report periods that count.

No figure adds two overlapping exports, or two sources that may count the same messages; what is
therefore left out is said.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from smtpauth_kit.answers import sender_conditions
from smtpauth_kit.answers.choosing import (
    Range,
    Reason,
    Sources,
    candidates,
    choose_sources,
    default_range,
)
from smtpauth_kit.answers.composing import statement
from smtpauth_kit.answers.coverage import (
    SignInDay,
    are_apart,
    auth_tellers,
    first_and_last,
    lacks_hub_log,
    loaded_periods,
    loaded_sign_ins,
    told_by,
    what_is_not_told,
)
from smtpauth_kit.answers.periods import Period, choose_periods
from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filter_fields import ADDRESS, DOMAINS, FilterField
from smtpauth_kit.base.filters import ALL, FIELDS, Filters
from smtpauth_kit.base.names import DEFAULT_DAYS, SIGN_IN_SOURCES, SOURCES, SUBMISSION_SOURCES
from smtpauth_kit.store.engine import Engine, at_one_moment
from smtpauth_kit.values import addresses

if TYPE_CHECKING:
    import pandas as pd

TOP: Final = 10
"""So many senders or domains stand on their own in a ranking; the others are added up."""

TOGETHER: Final = "+"
"""What stands between the names of sources that are shown together."""

_DAY: Final = dt.timedelta(days=1)
_NEARLY_MIDNIGHT: Final = dt.timedelta(hours=1)
"""A day whose first or last message is nearer to midnight than this is taken for a whole one."""


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
    """Figures that the source cannot tell, so that none of them is 0: of `UNTELLABLE`."""

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
        return self.start - (self.end - self.start) - _DAY

    @property
    def before_end(self) -> dt.date | None:
        """The last day before the range."""
        return None if self.start is None else self.start - _DAY

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
            "earlier_periods": _named(self.counted_earlier),
            **{f.name: _compared(f, self.filters) for f in FIELDS if f.of_messages},
            "timezone": self.filters.timezone,
            "top": TOP,
            **sender_conditions.having(self.filters).params,
        }


UNTELLABLE: Final = ("auth", "tls", "none", "client_ip")
"""What a source may be unable to tell: Basic auth or OAuth; TLS versions; no TLS from unknown;
client IP addresses."""


def together(sources: Iterable[str]) -> str | None:
    """Return the names of sources, each once and in the order of `SOURCES`, as one.

    Examples
    --------
    >>> together(["extended_trace", "server_log", "server_log"])
    'server_log+extended_trace'
    """
    return TOGETHER.join(sorted(set(sources), key=SOURCES.index)) or None


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


@at_one_moment
def settle_scope(engine: Engine, filters: Filters = ALL, *, about: str = "submissions") -> Scope:
    """Settle the range, the sources and the periods that count.

    Parameters
    ----------
    about
        "submissions", or "sign_ins": whose newest day ends the default range.

    Raises
    ------
    UsageError
        The range ends before it starts, or there is no such source or time zone, or the source
        asked for tells of no sign-ins and the question is about them.

    Examples
    --------
    >>> scope = settle_scope(store)
    >>> scope.source, scope.start, scope.end
    ('submission_log', datetime.date(2026, 11, 16), datetime.date(2026, 11, 22))
    """
    allowed = _check(filters, about)
    periods, ahead = loaded_periods(engine, filters)
    sign_ins, sign_ins_ahead = loaded_sign_ins(engine, filters)
    of_allowed = [p for p in periods if p.source in allowed]
    days = [(p.start, p.end) for p in of_allowed]
    counts_sign_ins = about == "sign_ins" or not of_allowed
    if counts_sign_ins:
        usual = [d for d in sign_ins if filters.source == "auto" or d.source in allowed] or sign_ins
        days, ahead = [(d.day, d.day) for d in usual], sign_ins_ahead or ahead
    if not days:  # What others hold is offered: for their days.
        of_allowed, days = periods, [(p.start, p.end) for p in periods]
        counts_sign_ins = False
    oldest, newest = _bounds(days, ahead)
    found = _range(filters, newest, [] if counts_sign_ins else of_allowed, ahead)
    if found is None:
        lone = lacks_hub_log(engine)
        return Scope(filters, None, None, oldest, newest, None, {}, lacks_hub_log=lone)
    scope = Scope(
        filters, found.start, found.end, oldest, newest, None, {}, reason=found.reason,
        accounts_from="sign_ins" if not of_allowed and sign_ins else "submissions",
    )  # fmt: skip
    return _with_sources(engine, scope, periods, sign_ins, allowed)


def _check(filters: Filters, about: str) -> list[str]:
    """Return the sources that the filters allow, all of them if they name none."""
    if filters.start and filters.end and filters.start > filters.end:
        raise UsageError(
            "The range starts on {start} and ends on {end}, before it starts.",
            start=filters.start,
            end=filters.end,
        )
    for option, text in filters.options():
        _check_text(option, text)
    sender_conditions.having(filters)
    allowed = list(SOURCES) if filters.source == "auto" else filters.source.split(TOGETHER)
    if not set(allowed) <= set(SOURCES):
        raise UsageError(
            "There is no source {source}. Expected auto, {known}.",
            source=repr(filters.source),
            known=SOURCES,
        )
    if about == "sign_ins" and not set(allowed) & set(SIGN_IN_SOURCES):
        raise UsageError(
            "The source {source} tells of no sign-ins. Sources that do: {known}.",
            source=filters.source,
            known=SIGN_IN_SOURCES,
        )
    try:
        ZoneInfo(filters.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(
            "There is no time zone {zone}. Expected a name like Europe/Amsterdam.",
            zone=repr(filters.timezone),
        ) from None
    return allowed


def _check_text(option: str, text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UsageError(
            "The text for {option} holds half of a character ({character}), which no export and no "
            "text can hold. Write it again.",
            option=option,
            character=ascii(text[error.start]),
        ) from None


def _bounds(
    days: list[tuple[dt.date, dt.date]], ahead: set[dt.date]
) -> tuple[dt.date | None, dt.date | None]:
    """Return the first and last day; a row dated far ahead must not move “last 7 days” there."""
    if not days:
        return None, None
    usual = [day for day in days if day[1] not in ahead] or days
    return min(start for start, _ in usual), max(end for _, end in usual)


def _range(
    filters: Filters, newest: dt.date | None, periods: list[Period], ahead: set[dt.date]
) -> Range | None:
    end = filters.end or filters.as_of or newest
    if end is None:
        return None
    if filters.start is not None:
        return Range(filters.start, max(end, filters.start), "asked")
    if filters.end or filters.as_of:
        reason: Reason = "asked" if filters.end else "last_days"
        return Range(end - (DEFAULT_DAYS - 1) * _DAY, end, reason)
    usual = [p for p in periods if p.end not in ahead] or periods
    return default_range(usual, end)


def _with_sources(
    engine: Engine,
    scope: Scope,
    periods: list[Period],
    sign_ins: list[SignInDay],
    allowed: list[str],
) -> Scope:
    assert scope.start is not None and scope.end is not None
    start, end = scope.start, scope.end
    reports = [p for p in periods if p.source == "report" and p.is_within(start, end)]
    chosen = choose(engine, [p for p in periods if p.is_within(start, end)], allowed)
    inside, counted, sources = chosen.inside, chosen.counted, chosen.sources
    of_sign_ins = choose_sign_in_sources([d for d in sign_ins if start <= d.day <= end], allowed)
    source = together(source for _, source in sources)
    if scope.accounts_from == "sign_ins":
        source = together(source for _, source in of_sign_ins)
    settled = replace(
        scope,
        source=source,
        sources=sources,
        outside_window=tuple(
            p
            for p in periods
            if p.source == "report" and not p.is_within(start, end) and p.source in allowed
        ),
        overlapped=tuple(p for p in reports if p not in counted),
        counted=counted,
        sign_in_sources=of_sign_ins,
        cannot_tell=_not_told(engine, source),
        later=_later(scope, periods),
        offers=_offers(engine, inside),
        untold=_untold(engine, sources, inside),
    )
    settled = replace(settled, covered=_covered_days(engine, settled))
    others = {(p.tenant, p.source) for p in inside} - set(sources)
    present = sorted({source for _, source in others}, key=SOURCES.index)
    return replace(
        settled,
        not_shown=_not_shown(engine, settled, others),
        auth_told_by=_auth_told_by(engine, settled.untold, present),
        parts=_parts(engine, settled),
        lacks_hub_log=lacks_hub_log(engine),
    )


@dataclass(frozen=True)
class Chosen:
    """What counts of some days and periods."""

    inside: list[Period]
    """Those that may be added up: of a report's, the ones in `counted`."""
    counted: tuple[Period, ...]
    sources: Sources


def choose(engine: Engine, periods: list[Period], allowed: Sequence[str]) -> Chosen:
    """Choose the report periods and, of those allowed, each tenant's sources that count."""
    counted = choose_periods(p for p in periods if p.source == "report")
    inside = [p for p in periods if p.source != "report"] + counted
    ranked = candidates(inside, allowed, lambda: told_by(engine))
    sources = choose_sources(ranked, lambda *pair: are_apart(engine, *pair))
    return Chosen(inside, tuple(counted), sources)


def choose_sign_in_sources(days: list[SignInDay], allowed: Sequence[str]) -> Sources:
    """Return, for each tenant, the source with sign-ins on most days; an allowed one if any is."""
    named = (
        [d for d in days if d.source in allowed] if set(allowed) & set(SIGN_IN_SOURCES) else days
    )
    found: dict[str, Counter[str]] = {}
    for each in named:
        found.setdefault(each.tenant, Counter())[each.source] += 1
    return tuple(
        (tenant, min(counts, key=lambda s: (-counts[s], SOURCES.index(s))))
        for tenant, counts in sorted(found.items())
    )


def _not_told(engine: Engine, source: str | None) -> tuple[str, ...]:
    """Return what none of the sources shown says."""
    said = [what_is_not_told(engine, each) for each in (source or "").split(TOGETHER)]
    return tuple(p for p in said[0] if all(p in phrases for phrases in said))


def _untold(engine: Engine, sources: Sources, inside: list[Period]) -> frozenset[str]:
    """Return what none of the sources shown tells of a message in the range."""
    shown = [p for p in inside if (p.tenant, p.source) in sources]
    known = [told for pair, told in told_by(engine).items() if pair in sources]
    told = {
        "auth": any(p.auth_known for p in shown),
        "tls": any(p.tls_known for p in shown),
        "none": any(each.none for each in known) or all(
            p.tls_known == p.message_count and p.source != "report" for p in shown
        ),
        "client_ip": any(each.client_ip for each in known),
    }  # fmt: skip
    return frozenset(name for name in UNTELLABLE if shown and not told[name])


def _later(scope: Scope, periods: list[Period]) -> dict[str, int]:
    if scope.reason in ("asked", "last_days") or scope.end is None:
        return {}
    after: Counter[str] = Counter()
    for period in periods:
        if period.start > scope.end:
            after[period.source] += period.message_count
    return {source: after[source] for source in SOURCES if after[source]}


def _offers(engine: Engine, inside: list[Period]) -> tuple[Offer, ...]:
    offers = []
    for source in SUBMISSION_SOURCES:
        own = [p for p in inside if p.source == source]
        days = {p.start + n * _DAY for p in own for n in range(p.days)}
        if count := sum(p.message_count for p in own):
            offers.append(Offer(source, count, len(days), what_is_not_told(engine, source)))
    return tuple(offers)


def _auth_told_by(engine: Engine, untold: frozenset[str], present: list[str]) -> tuple[str, ...]:
    if "auth" not in untold:
        return ()
    telling = auth_tellers(engine)
    return tuple(source for source in present if source in telling)


def _not_shown(engine: Engine, scope: Scope, others: set[tuple[str, str]]) -> dict[str, int]:
    """Return what each other source holds beyond what is shown, sender by sender."""
    by_source: dict[str, list[tuple[str, str]]] = {}
    for tenant, source in sorted(others):
        by_source.setdefault(source, []).append((tenant, source))
    if not by_source:
        return {}
    shown = _by_sender(engine, scope, scope.sources)
    return {
        source: sum(
            max(0, count - shown.get(sender, 0))
            for sender, count in _by_sender(engine, scope, tuple(by_source[source])).items()
        )
        for source in SOURCES
        if source in by_source
    }


def _by_sender(engine: Engine, scope: Scope, sources: Sources) -> dict[tuple[str, str], int]:
    """Return the messages of each sender of some sources, by tenant and sender."""
    rows = engine.run(*statement("counts_by_sender", scope.filters, scope.params(sources)))
    return {(tenant, sender): int(n) for tenant, sender, n in rows.itertuples(index=False)}


def _parts(engine: Engine, scope: Scope) -> tuple[PartOfDay, ...]:
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


def _covered_days(engine: Engine, scope: Scope) -> tuple[dt.date, ...]:
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
    for wanted, source in sources:
        for tenant, start, end in _spans(engine, scope, source):
            if tenant == wanted:
                start, end = max(start, low), min(end, high)
                inside = (start + n * _DAY for n in range((end - start).days + 1))
                days.setdefault(tenant, set()).update(inside)
    return days


def _spans(engine: Engine, scope: Scope, source: str) -> list[tuple[str, dt.date, dt.date]]:
    if source == "report":
        return [(period.tenant, period.start, period.end) for period in scope.counted]
    key = ("loaded_periods", source)
    return engine.found_once(key, lambda: _find_loaded_periods(engine, source))


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
