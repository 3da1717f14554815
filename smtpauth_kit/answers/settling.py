"""How the scope of an answer is settled: its range, its sources, the periods that count."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from zoneinfo import available_timezones

from smtpauth_kit.answers import sender_conditions
from smtpauth_kit.answers.choosing import (
    Range,
    Reason,
    Sources,
    candidates,
    choose_sources,
    default_range,
    telling_auth,
)
from smtpauth_kit.answers.composing import statement
from smtpauth_kit.answers.coverage import (
    SignInDay,
    are_apart,
    auth_tellers,
    lacks_hub_log,
    loaded_periods,
    loaded_sign_ins,
    told_by,
)
from smtpauth_kit.answers.covered_days import covered_days, parts_of_days
from smtpauth_kit.answers.of_tenants import of_tenants
from smtpauth_kit.answers.periods import Period, choose_periods
from smtpauth_kit.answers.pulled import check_held
from smtpauth_kit.answers.scope import TOGETHER, Offer, Scope, together
from smtpauth_kit.answers.telling import not_told, untold
from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filters import ALL, Filters, fields_about
from smtpauth_kit.base.names import DEFAULT_DAYS, SIGN_IN_SOURCES, SOURCES, SUBMISSION_SOURCES
from smtpauth_kit.store.engine import Engine

if TYPE_CHECKING:
    pass

_DAY: Final = dt.timedelta(days=1)


@of_tenants
def settle_scope(engine: Engine, filters: Filters = ALL, *, about: str = "submissions") -> Scope:
    """Settle the range, the sources and the periods that count.

    Parameters
    ----------
    about
        "submissions", or "sign_ins": whose newest day ends the default range; or
        "authentication": every day loaded is the default range, and a source that tells Basic auth
        from OAuth is chosen where one does.

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
    if filters.timezone != "UTC":
        check_held(engine, f"days of {filters.timezone}")
    periods, ahead = loaded_periods(engine, filters)
    sign_ins, sign_ins_ahead = loaded_sign_ins(engine, filters)
    of_allowed = [p for p in periods if p.source in allowed]
    days = [(p.start, p.end) for p in of_allowed]
    counts_sign_ins = about == "sign_ins" or not of_allowed
    of_asked = [d for d in sign_ins if d.source in allowed]
    if counts_sign_ins:
        usual = of_asked or ([] if periods else sign_ins)
        days, ahead = [(d.day, d.day) for d in usual], sign_ins_ahead or ahead
    if not days:  # What others hold is offered: for their days.
        of_allowed, days = periods, [(p.start, p.end) for p in periods]
        counts_sign_ins = False
    oldest, newest = _bounds(days, ahead)
    if about == "authentication":
        filters = _every_day(filters, oldest, newest)
    found = _range(filters, newest, [] if counts_sign_ins else of_allowed, ahead)
    if found is None:
        lone = lacks_hub_log(engine)
        return Scope(filters, None, None, oldest, newest, None, {}, lacks_hub_log=lone)
    scope = Scope(
        filters, found.start, found.end, oldest, newest, None, {}, reason=found.reason,
        accounts_from="sign_ins" if of_asked and not of_allowed else "submissions",
    )  # fmt: skip
    by_auth = about == "authentication"
    return _with_sources(engine, scope, periods, sign_ins, allowed, by_auth=by_auth)


def _every_day(filters: Filters, oldest: dt.date | None, newest: dt.date | None) -> Filters:
    """Return filters whose range is every day loaded, but for the ends that somebody chose."""
    end = filters.end or filters.as_of or newest
    start = filters.start or (min(oldest, end) if oldest and end else None)
    return filters.changed(start=start, end=end, as_of=None)


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
    check_places(filters)
    allowed = allowed_sources(filters)
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
    # Not every name that Python takes for a zone ("localtime") is one to an engine.
    if filters.timezone != "UTC" and filters.timezone not in available_timezones():
        raise UsageError(
            "There is no time zone {zone}. Expected a name like Europe/Amsterdam.",
            zone=repr(filters.timezone),
        )
    return allowed


def allowed_sources(filters: Filters) -> list[str]:
    """Return the sources that filters name; all of them if they name none.

    >>> allowed_sources(Filters(source="server_log+report"))
    ['server_log', 'report']
    """
    return list(SOURCES) if filters.source == "auto" else filters.source.split(TOGETHER)


def check_places(filters: Filters) -> None:
    """Refuse filters that only the answer `who-else` has: elsewhere they would narrow nothing.

    Raises
    ------
    UsageError
        A client IP, a network, a country or an account is named.
    """
    for each in fields_about("places"):
        if getattr(filters, each.name):
            raise UsageError(
                "{option} is for the answer who-else, and no other has it.", option=each.option
            )


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
    *,
    by_auth: bool,
) -> Scope:
    assert scope.start is not None and scope.end is not None
    start, end = scope.start, scope.end
    reports = [p for p in periods if p.source == "report" and p.is_within(start, end)]
    within = [p for p in periods if p.is_within(start, end)]
    chosen = choose(engine, within, allowed, by_auth=by_auth)
    inside, counted, sources = chosen.inside, chosen.counted, chosen.sources
    of_sign_ins = choose_sign_in_sources([d for d in sign_ins if start <= d.day <= end], allowed)
    shown = of_sign_ins if scope.accounts_from == "sign_ins" else sources
    settled = replace(
        scope,
        source=together(source for _, source in shown),
        sources=sources,
        outside_window=tuple(
            p
            for p in periods
            if p.source == "report" and not p.is_within(start, end) and p.source in allowed
        ),
        overlapped=tuple(p for p in reports if p not in counted),
        counted=counted,
        sign_in_sources=of_sign_ins,
        cannot_tell=not_told(engine, shown, of_sign_ins, inside),
        later=_later(scope, periods),
        offers=_offers(engine, inside, of_sign_ins),
        untold=untold(engine, sources, inside),
    )
    settled = replace(settled, covered=covered_days(engine, settled))
    others = {(p.tenant, p.source) for p in inside} - set(sources)
    present = sorted({source for _, source in others}, key=SOURCES.index)
    return replace(
        settled,
        not_shown=_not_shown(engine, settled, others, of_seen=by_auth and bool(sources)),
        auth_told_by=_auth_told_by(engine, settled.untold, present),
        parts=parts_of_days(engine, settled),
        lacks_hub_log=lacks_hub_log(engine),
    )


@dataclass(frozen=True)
class Chosen:
    """What counts of some days and periods."""

    inside: list[Period]
    """Those that may be added up: of a report's, the ones in `counted`."""
    counted: tuple[Period, ...]
    sources: Sources


def choose(
    engine: Engine, periods: list[Period], allowed: Sequence[str], *, by_auth: bool = False
) -> Chosen:
    """Choose the report periods and, of those allowed, each tenant's sources that count.

    With `by_auth` a source is as large as the messages of which it tells the authentication.
    """
    counted = choose_periods((p for p in periods if p.source == "report"), by_auth=by_auth)
    inside = [p for p in periods if p.source != "report"] + counted
    weighed = telling_auth(p for p in inside if p.source in allowed) if by_auth else inside
    ranked = candidates(weighed, allowed, lambda: told_by(engine))
    sources = choose_sources(ranked, lambda *pair: are_apart(engine, *pair))
    return Chosen(inside, tuple(counted), sources)


def choose_sign_in_sources(days: list[SignInDay], allowed: Sequence[str]) -> Sources:
    """Return, for each tenant, the source with sign-ins on most days, of those allowed."""
    found: dict[str, Counter[str]] = {}
    for each in (d for d in days if d.source in allowed):
        found.setdefault(each.tenant, Counter())[each.source] += 1
    return tuple(
        (tenant, min(counts, key=lambda s: (-counts[s], SOURCES.index(s))))
        for tenant, counts in sorted(found.items())
    )


def _later(scope: Scope, periods: list[Period]) -> dict[str, int]:
    if scope.reason in ("asked", "last_days") or scope.end is None:
        return {}
    after: Counter[str] = Counter()
    for period in periods:
        if period.start > scope.end:
            after[period.source] += period.message_count
    return {source: after[source] for source in SOURCES if after[source]}


def _offers(engine: Engine, inside: list[Period], of_sign_ins: Sources) -> tuple[Offer, ...]:
    offers = []
    for source in SUBMISSION_SOURCES:
        own = [p for p in inside if p.source == source]
        days = {p.start + n * _DAY for p in own for n in range(p.days)}
        if count := sum(p.message_count for p in own):
            pairs = tuple({(p.tenant, p.source) for p in own})
            lacking = not_told(engine, pairs, of_sign_ins, own)
            offers.append(Offer(source, count, len(days), lacking))
    return tuple(offers)


def _auth_told_by(engine: Engine, untold: frozenset[str], present: list[str]) -> tuple[str, ...]:
    if "auth" not in untold:
        return ()
    telling = auth_tellers(engine)
    return tuple(source for source in present if source in telling)


def _not_shown(
    engine: Engine, scope: Scope, others: set[tuple[str, str]], *, of_seen: bool = False
) -> dict[str, int]:
    """Return what each other source holds beyond what is shown, sender by sender.

    With `of_seen` only of senders that the sources shown see: the others are listed themselves.
    """
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
            if not of_seen or sender in shown
        )
        for source in SOURCES
        if source in by_source
    }


def _by_sender(engine: Engine, scope: Scope, sources: Sources) -> dict[tuple[str, str], int]:
    """Return the messages of each sender of some sources, by tenant and sender."""
    rows = engine.rows(*statement("counts_by_sender", scope.filters, scope.params(sources)))
    return {(tenant, sender): int(n) for tenant, sender, n in rows}
