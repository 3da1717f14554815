"""The questions the kit answers: one function and one `.sql` file each, a DataFrame back.

A question is asked in a `Scope`: the range, the one source its figures come from, and what is
therefore not in them. No figure adds two sources or two overlapping exports.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from smtpauth_kit import sender_conditions, values
from smtpauth_kit.conditions import Clause, holds
from smtpauth_kit.database import sql_text
from smtpauth_kit.errors import UsageError
from smtpauth_kit.schema import (
    ANSWERS,
    AUTH_PROTOCOLS,
    DEFAULT_DAYS,
    SOURCES,
    SUBMISSION_SOURCES,
    TLS_VERSIONS,
    Filters,
)
from smtpauth_kit.store import Engine, Question, at_one_moment

if TYPE_CHECKING:
    import pandas as pd

ALL: Final = Filters()

TOP: Final = 10
"""So many senders or domains stand on their own in a ranking; the others are added up."""

_DAY: Final = dt.timedelta(days=1)
_T = TypeVar("_T")


@dataclass(frozen=True)
class Period:
    """Days that one source counts messages for: one day, or the range of a report."""

    source: str
    tenant: str
    start: dt.date
    end: dt.date
    message_count: int

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

    def params(self, source: str | None = None, counted: Iterable[Period] = ()) -> dict[str, Any]:
        """Return the parameters of the answers' SQL, for another source if one is named."""
        periods = [period for period in (counted or self.counted) if period.source == "report"]
        sender = self.filters.sender
        return {
            "source": source or self.messages_source or "",
            "sign_in_source": self.sign_in_source or "",
            "start": self.start or dt.date.max,
            "end": self.end or dt.date.min,
            "periods": [f"{p.tenant}|{p.start}|{p.end}" for p in periods],
            "domains": [values.domain_key(domain) for domain in self.filters.domains],
            "sender": sender_conditions.address_key(sender) if sender else None,
            "timezone": self.filters.timezone,
            **sender_conditions.having(self.filters).params,
            "top": TOP,
        }


@dataclass(frozen=True)
class Answer:
    """The rows of one answer, and the scope they hold in."""

    name: str
    scope: Scope
    rows: pd.DataFrame


# --- the scope -----------------------------------------------------------------------------


@at_one_moment
def scope(engine: Engine, filters: Filters = ALL, *, about: str = "submissions") -> Scope:
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
    >>> found = scope(store)
    >>> found.source, found.start, found.end
    ('submission_log', datetime.date(2026, 11, 16), datetime.date(2026, 11, 22))
    """
    _check(filters)
    periods, ahead = _periods(engine, filters)
    sign_in_days, sign_ins_ahead = _sign_in_days(engine, filters)
    days = [(p.start, p.end) for p in periods]
    if about == "sign_ins" or not periods:
        days, ahead = [(d, d) for ds in sign_in_days.values() for d in ds], sign_ins_ahead
    oldest, newest = _bounds(days, ahead)
    start, end = _range(filters, newest)
    found = Scope(filters, start, end, oldest, newest, None, {})
    if start is None or end is None:
        return found
    return _with_sources(engine, found, periods, sign_in_days)


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


def _kept(engine: Engine, key: tuple[str, ...], find: Callable[[], _T]) -> _T:
    """Return what holds for a whole store; while it is not replaced, it is found once."""
    kept = engine.kept if isinstance(engine, Question) else {}
    if key not in kept:
        kept[key] = find()
    found: _T = kept[key]
    return found


def _periods(engine: Engine, filters: Filters) -> tuple[list[Period], set[dt.date]]:
    key = ("periods", filters.timezone)
    return _kept(engine, key, lambda: _find_periods(engine, filters))


def _find_periods(engine: Engine, filters: Filters) -> tuple[list[Period], set[dt.date]]:
    rows = engine.run(*_fill("coverage", {"timezone": filters.timezone}, filters))
    periods = [
        Period(source, tenant, start.date(), end.date(), int(count))
        for source, tenant, start, end, _, count in rows.itertuples(index=False)
    ]
    ahead = {p.end for p, late in zip(periods, rows["ahead_of_clock"], strict=True) if late}
    return periods, ahead


def _sign_in_days(engine: Engine, filters: Filters) -> tuple[dict[str, set[dt.date]], set[dt.date]]:
    key = ("sign_in_days", filters.timezone)
    return _kept(engine, key, lambda: _find_sign_in_days(engine, filters))


def _find_sign_in_days(
    engine: Engine, filters: Filters
) -> tuple[dict[str, set[dt.date]], set[dt.date]]:
    rows = engine.run(sql_text("sign_in_coverage"), {"timezone": filters.timezone})
    days: dict[str, set[dt.date]] = {}
    for source, day in zip(rows["source"], rows["day"], strict=True):
        days.setdefault(source, set()).add(day.date())
    return days, {day.date() for day in rows["day"][rows["ahead_of_clock"].astype(bool)]}


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
    engine: Engine, found: Scope, periods: list[Period], sign_in_days: Mapping[str, set[dt.date]]
) -> Scope:
    assert found.start is not None and found.end is not None
    start, end = found.start, found.end
    inside = [p for p in periods if p.is_within(start, end)]
    reports = [p for p in inside if p.source == "report"]
    counted = choose_periods(reports)
    others = [p for p in inside if p.source != "report"]
    source: str | None = found.filters.source
    if source == "auto":
        source = _fullest(SUBMISSION_SOURCES, [*counted, *others])
        if source is None and not periods and sign_in_days:
            source = _most_days(sign_in_days)
    of_sign_ins = {s: {d for d in days if start <= d <= end} for s, days in sign_in_days.items()}
    settled = replace(
        found,
        source=source,
        messages_source=source,
        outside_window=tuple(
            p for p in periods if p.source == "report" and not p.is_within(start, end)
        ),
        overlapped=tuple(p for p in reports if p not in counted),
        counted=tuple(counted),
        accounts_from="submissions" if periods or not sign_in_days else "sign_ins",
        sign_in_source=_most_days(of_sign_ins),
        cannot_tell=_cannot_tell(engine, source),
    )
    settled = replace(settled, covered=_covered_days(engine, settled))
    present = sorted({p.source for p in inside} - {source}, key=SOURCES.index)
    return replace(
        settled,
        not_shown={s: _messages(engine, settled, s) for s in present},
        auth_told_by=_auth_told_by(engine, source, present),
    )


def _auth_told_by(engine: Engine, source: str | None, present: list[str]) -> tuple[str, ...]:
    telling = _kept(engine, ("auth_told",), lambda: _find_auth_tellers(engine))
    return () if source in telling else tuple(s for s in present if s in telling)


def _find_auth_tellers(engine: Engine) -> frozenset[str]:
    return frozenset(engine.run(sql_text("auth_tellers"), {})["source"])


def _cannot_tell(engine: Engine, source: str | None) -> tuple[str, ...]:
    key = ("cannot_tell", source or "")
    return _kept(engine, key, lambda: _find_what_is_not_told(engine, source))


def _find_what_is_not_told(engine: Engine, source: str | None) -> tuple[str, ...]:
    rows = engine.run(sql_text("cannot_tell"), {"source": source or ""})
    said = [list(phrases) for phrases in rows["cannot_tell"]]
    return tuple(p for p in (said[0] if said else ()) if all(p in phrases for phrases in said))


def _fullest(order: Iterable[str], periods: Iterable[Period]) -> str | None:
    days: dict[str, set[dt.date]] = {}
    for period in periods:
        covered = (period.start + n * _DAY for n in range(period.days))
        days.setdefault(period.source, set()).update(covered)
    return _most_days({source: days[source] for source in order if source in days})


def _most_days(days: Mapping[str, set[dt.date]]) -> str | None:
    """Return the source with data on most days; of equal ones the first in `SOURCES`."""
    ranked = sorted((-len(found), SOURCES.index(source)) for source, found in days.items() if found)
    return SOURCES[ranked[0][1]] if ranked else None


def _messages(engine: Engine, found: Scope, source: str) -> int:
    rows = engine.run(*_fill("message_count", found.params(source), found.filters))
    return int(rows["message_count"].iloc[0])


def choose_periods(periods: Iterable[Period]) -> list[Period]:
    """Return the non-overlapping periods that cover most days, for each tenant.

    Of sets that cover equally many, the one of fewer periods; then the one that ends later.

    Examples
    --------
    >>> day = lambda n: dt.date(2026, 11, n)
    >>> week = lambda a, b: Period("report", "", day(a), day(b), 70)
    >>> chosen = choose_periods([week(1, 7), week(8, 14), week(5, 10)])
    >>> [(p.start.day, p.end.day) for p in chosen]
    [(1, 7), (8, 14)]
    """
    by_tenant: dict[str, list[Period]] = {}
    for period in periods:
        by_tenant.setdefault(period.tenant, []).append(period)
    return [period for group in by_tenant.values() for period in _best_set(group)]


def _best_set(periods: list[Period]) -> list[Period]:
    """Weighted interval scheduling over the periods in order of their last day."""
    ordered = sorted(periods, key=lambda p: (p.end, p.start))
    best: list[tuple[int, int, int, list[Period]]] = [(0, 0, 0, [])]
    for i, period in enumerate(ordered):
        before = max(j for j in range(i + 1) if j == 0 or ordered[j - 1].end < period.start)
        days, fewer, _, chosen = best[before]
        taken = (days + period.days, fewer - 1, i + 1, [*chosen, period])
        best.append(max(best[i], taken, key=lambda option: option[:3]))
    return best[-1][3]


# --- the SQL -------------------------------------------------------------------------------

_COUNTED = re.compile(r"/\* counted(?:: (\w+))? \*/")


def _fill(
    name: str, params: Mapping[str, Any], filters: Filters, order: str = ""
) -> tuple[str, dict[str, Any]]:
    """Return an answer's SQL with its shared parts put in, and the parameters it uses."""
    in_zone = filters.timezone != "UTC"
    text = sql_text(name).replace("/* order */", order)
    daily = _body("counted_in_zone") if in_zone else "select * from daily_by_domain"
    text = text.replace("/* daily_by_domain */", daily)
    sign_ins = _body("counted_sign_ins") + _chosen_senders(filters, "account_key")
    text = text.replace("/* counted_sign_ins */", sign_ins)
    text = _COUNTED.sub(lambda match: _counted(match[1], filters), text)
    return text, {key: value for key, value in params.items() if re.search(rf"\${key}\b", text)}


def _counted(relation: str | None, filters: Filters) -> str:
    """Return the rows a scope counts, from the smallest table that can tell."""
    chosen = _chosen_senders(filters)
    by_sender = filters.sender is not None or bool(chosen)
    return (
        _narrowed(relation or ("daily_by_sender" if by_sender else "daily_by_domain"), filters)
        + chosen
    )


def _narrowed(table: str, filters: Filters) -> str:
    """Return the rows of a table that a scope counts, of whichever senders."""
    if filters.timezone != "UTC":
        inner = _body("counted_in_zone")
    elif table == "submissions":
        inner = "select * from submissions where superseded_by is null"
    else:
        inner = f"select * from {table}"
    counted = _body("counted").replace("/* relation */", inner)
    return counted if filters.sender is None else f"{counted}\n    and sender_key = $sender"


def _chosen_senders(filters: Filters, key: str = "sender_key") -> str:
    """Return the condition that a row is of a sender with enough messages, as `senders` asks."""
    having = sender_conditions.having(filters)
    if not having.sql:
        return ""
    parts = {"counted": _narrowed("daily_by_sender", filters), "having": having.sql, "clients": ""}
    if having.needs_clients:
        rows = _narrowed("submissions", filters)
        parts["clients"] = _body("chosen_clients").replace("/* counted */", rows)
    chosen = _body("chosen_senders")
    for name, part in parts.items():
        chosen = chosen.replace(f"/* {name} */", part)
    return f"\n    and {key} in ({chosen})"


@cache
def _body(name: str) -> str:
    """Return a shared part without its header comment."""
    lines = sql_text(name).splitlines()
    return "\n".join(line for line in lines if not line.startswith("--"))


def sql_of(name: str, found: Scope) -> tuple[str, dict[str, Any]]:
    """Return the SQL and parameters that answer a question in a scope, to be shown or pasted."""
    return _fill(name.replace("-", "_"), found.params(), found.filters)


def _ask(engine: Engine, name: str, found: Scope) -> pd.DataFrame:
    rows = engine.run(*sql_of(name, found))
    return rows if name == "sign_ins" else _dated(rows)


def _dated(rows: pd.DataFrame) -> pd.DataFrame:
    for column in ("period_start", "period_end", "report_date", "first_seen", "last_seen"):
        if column in rows:
            rows[column] = _as_dates(rows[column])
    return rows


def _as_dates(column: pd.Series[Any]) -> pd.Series[Any]:
    import numpy as np
    import pandas as pd

    # Each different day is made once: a column of half a million has some ninety.
    places, found = pd.factorize(column)
    days = np.array([*(value.date() for value in found), None], dtype=object)
    return pd.Series(days[places], index=column.index, dtype=object)


# --- the answers ---------------------------------------------------------------------------


def insight(engine: Engine, found: Scope) -> pd.DataFrame:
    """How many accounts used SMTP AUTH, for how many messages, over which TLS versions.

    Returns
    -------
    DataFrame
        One row: start_date, end_date (dates, UTC unless the filters say otherwise, both
        included, None when nothing is loaded), account_count and message_count (int),
        tls_usage (a list of `tls_version`, `message_count`, `share`; all six of
        `schema.TLS_VERSIONS`). Accounts are sender addresses with at least one message; where
        only sign-ins are loaded, accounts with a successful one.

    Notes
    -----
    Microsoft's SMTP Auth clients insight: distinct users or service accounts in the past 7 days.

    Examples
    --------
    >>> row = insight(store, scope(store)).iloc[0]
    >>> int(row.account_count), int(row.message_count)
    (2, 3)
    """
    import pandas as pd

    usage, accounts = dict.fromkeys(TLS_VERSIONS, 0), 0
    if found.accounts_from == "sign_ins":
        accounts = int(_ask(engine, "insight_of_sign_ins", found)["account_count"].iloc[0])
    else:
        rows = _ask(engine, "insight", found)
        usage.update(zip(rows["tls_version"], (int(n) for n in rows["message_count"]), strict=True))
        accounts = int(rows["account_count"].max()) if len(rows) else 0
    total = sum(usage.values())
    row = {
        "start_date": found.start,
        "end_date": found.end,
        "account_count": accounts,
        "message_count": total,
        "tls_usage": [
            {"tls_version": version, "message_count": count, "share": _share(count, total)}
            for version, count in usage.items()
        ],
    }
    return pd.DataFrame([row])


def totals(engine: Engine, found: Scope) -> tuple[int, int]:
    """Return the message_count and account_count of :func:`insight`, without the rest.

    Examples
    --------
    >>> totals(store, scope(store))
    (3, 2)
    """
    if found.accounts_from == "sign_ins":
        row = insight(engine, found).iloc[0]
    else:
        row = _ask(engine, "totals", found).iloc[0]
    return int(row["message_count"]), int(row["account_count"])


def accounts_before(engine: Engine, found: Scope) -> int | None:
    """How many accounts used SMTP AUTH in as many days before the range, from the same source.

    None where those days or these are not wholly loaded: a comparison would be of two lengths.

    Examples
    --------
    >>> accounts_before(store, scope(store)) is None
    True
    >>> weekend = Filters(start=dt.date(2026, 11, 21), end=dt.date(2026, 11, 22))
    >>> accounts_before(store, scope(store, weekend))
    0
    """
    earlier = _scope_before(engine, found)
    if earlier is None or not _are_whole(engine, earlier, found):
        return None
    return int(insight(engine, earlier)["account_count"].iloc[0])


def _scope_before(engine: Engine, found: Scope) -> Scope | None:
    """Return the scope of as many days just before, or None where it has no such source."""
    if found.start is None or found.end is None or found.source is None:
        return None
    days = (found.end - found.start).days + 1
    dates = {"start": found.start - days * _DAY, "end": found.start - _DAY, "as_of": None}
    earlier = scope(engine, found.filters.changed(source=found.source, **dates))
    same = earlier.accounts_from == "submissions" or earlier.sign_in_source == found.sign_in_source
    return earlier if same else None


def _are_whole(engine: Engine, earlier: Scope, found: Scope) -> bool:
    """Tell whether every day of both is loaded, for each tenant that has any of them."""
    assert earlier.start is not None and found.end is not None
    # The first day of another time zone starts in the UTC day before.
    zone = "UTC" if found.source == "report" else found.filters.timezone
    midnight = dt.datetime.combine(earlier.start, dt.time(), ZoneInfo(zone))
    start = min(midnight.astimezone(dt.UTC).date(), earlier.start)
    wanted = {start + n * _DAY for n in range((found.end - start).days + 1)}
    loaded: dict[str, set[dt.date]] = {}
    for each in (earlier, found):
        for tenant, days in _loaded_days(engine, each).items():
            loaded.setdefault(tenant, set()).update(days & wanted)
    return any(loaded.values()) and all(days == wanted for days in loaded.values() if days)


def _covered_days(engine: Engine, found: Scope) -> tuple[dt.date, ...]:
    """Return the days of the scope that its source says something about, whoever sent on them.

    A day inside the period of a file is covered, also when nobody sent anything on it; a report
    covers the days of the periods that count.
    """
    days: set[dt.date] = set().union(*_loaded_days(engine, found).values())
    return tuple(sorted(day for day in days if found.start is not None and day >= found.start))


def _loaded_days(engine: Engine, found: Scope) -> dict[str, set[dt.date]]:
    """Return the days of the range that are loaded, by tenant."""
    source = found.source if found.accounts_from == "submissions" else found.sign_in_source
    if found.start is None or found.end is None or source is None:
        return {}
    spans = [(period.tenant, period.start, period.end) for period in found.counted]
    if source != "report":
        key = ("loaded_periods", source)
        spans = _kept(engine, key, lambda: _find_loaded_periods(engine, source))
    # A day of another time zone lies in two days of UTC.
    low, high = found.start - _DAY, found.end
    days: dict[str, set[dt.date]] = {}
    for tenant, start, end in spans:
        start, end = max(start, low), min(end, high)
        inside = (start + n * _DAY for n in range((end - start).days + 1))
        days.setdefault(tenant, set()).update(inside)
    return days


def _find_loaded_periods(engine: Engine, source: str) -> list[tuple[str, dt.date, dt.date]]:
    rows = engine.run(sql_text("loaded_periods"), {"source": source})
    return [(tenant, a.date(), b.date()) for tenant, a, b in rows.itertuples(index=False)]


def _share(count: int, total: int) -> float:
    return count / total if total else 0.0


def sending_volume(engine: Engine, found: Scope) -> pd.DataFrame:
    """Messages per day, or per period of a report, and sender domain.

    Returns
    -------
    DataFrame
        period_start, period_end (dates, both included), report_date (None when the count is for
        several days: such a count is never spread), sender_domain, message_count (int64, at
        least 1); by period and domain. Empty, with these columns, when nothing matches.

    Examples
    --------
    >>> sending_volume(store, scope(store)).message_count.tolist()
    [2, 1]
    """
    return _ask(engine, "sending_volume", found)


def tls_usage(engine: Engine, found: Scope) -> pd.DataFrame:
    """Messages and share of each TLS version over the whole period.

    Returns
    -------
    DataFrame
        tls_version (in the order of `schema.TLS_VERSIONS`, all six), message_count (int64),
        share (float, sums to 1). Empty when nothing matches.

    Examples
    --------
    >>> usage = tls_usage(store, scope(store))
    >>> usage[usage.message_count > 0].values.tolist()
    [['1.0', 2, 0.6666666666666666], ['1.2', 1, 0.3333333333333333]]
    """
    return _usage(engine, found, "tls_usage", TLS_VERSIONS)


def auth_usage(engine: Engine, found: Scope) -> pd.DataFrame:
    """Messages and share of each authentication protocol over the whole period.

    Returns
    -------
    DataFrame
        auth_protocol (in the order of `schema.AUTH_PROTOCOLS`, all three), message_count (int64),
        share (float, sums to 1). Empty when nothing matches.

    Examples
    --------
    >>> auth_usage(store, scope(store)).message_count.tolist()
    [2, 1, 0]
    """
    return _usage(engine, found, "auth_usage", AUTH_PROTOCOLS)


def _usage(engine: Engine, found: Scope, name: str, values_: tuple[str, ...]) -> pd.DataFrame:
    """Return every value of a split with its count and share; no row when there is no message."""
    import pandas as pd

    rows = _ask(engine, name, found)
    column = str(rows.columns[0])
    counts = dict(zip(rows[column], (int(n) for n in rows["message_count"]), strict=True))
    total = sum(counts.values())
    full = [(each, counts.get(each, 0), _share(counts.get(each, 0), total)) for each in values_]
    return pd.DataFrame(full if total else [], columns=[column, "message_count", "share"])


def tls_by_day(engine: Engine, found: Scope) -> pd.DataFrame:
    """Messages per day, or per period of a report, and TLS version.

    Returns
    -------
    DataFrame
        period_start, period_end (dates, both included), tls_version, message_count (int64, at
        least 1); by period. A count for several days is never spread over them.

    Examples
    --------
    >>> tls_by_day(store, scope(store))[["tls_version", "message_count"]].values.tolist()
    [['1.0', 2], ['1.2', 1]]
    """
    return _ask(engine, "tls_by_day", found)


def auth_by_day(engine: Engine, found: Scope) -> pd.DataFrame:
    """Messages per day, or per period of a report, and authentication protocol.

    Returns
    -------
    DataFrame
        As :func:`tls_by_day`, with auth_protocol for tls_version.

    Examples
    --------
    >>> auth_by_day(store, scope(store))[["auth_protocol", "message_count"]].values.tolist()
    [['basic', 2], ['oauth', 1]]
    """
    return _ask(engine, "auth_by_day", found)


def volume_by_sender(engine: Engine, found: Scope) -> pd.DataFrame:
    """Messages of the `TOP` busiest senders, and of all others together.

    Returns
    -------
    DataFrame
        sender_address (None in the last row, of all others; there is none when nobody is left),
        sender_count (1, or how many the others are), message_count (int64), share (float, sums
        to 1); busiest first.

    Examples
    --------
    >>> volume_by_sender(store, scope(store))[["sender_address", "message_count"]].values.tolist()
    [['scanner@contoso.com', 2], ['app@fabrikam.com', 1]]
    """
    return _ranking(engine, "volume_by_sender", found)


def volume_by_domain(engine: Engine, found: Scope) -> pd.DataFrame:
    """Messages of the `TOP` busiest sender domains, and of all others together.

    Returns
    -------
    DataFrame
        As :func:`volume_by_sender`, with sender_domain and domain_count.

    Examples
    --------
    >>> volume_by_domain(store, scope(store))[["sender_domain", "message_count"]].values.tolist()
    [['contoso.com', 2], ['fabrikam.com', 1]]
    """
    return _ranking(engine, "volume_by_domain", found)


def _ranking(engine: Engine, name: str, found: Scope) -> pd.DataFrame:
    rows = _ask(engine, name, found)
    named = rows.columns[0]
    rows[named] = rows[named].astype(object).where(rows[named].notna(), None)
    return rows.assign(share=rows["message_count"] / max(1, int(rows["message_count"].sum())))


def senders_by_tls(engine: Engine, found: Scope) -> pd.DataFrame:
    """How many senders used each TLS version; one that used two counts for both.

    Returns
    -------
    DataFrame
        tls_version (in the order of `schema.TLS_VERSIONS`, all six), sender_count (int64), share
        (float, of all senders: the six add up to more than 1 where a sender used several). Empty
        when nothing matches.

    Examples
    --------
    >>> used = senders_by_tls(store, scope(store))
    >>> used[used.sender_count > 0].values.tolist()
    [['1.0', 1, 0.5], ['1.2', 1, 0.5]]
    """
    import pandas as pd

    rows = _ask(engine, "senders_by_tls", found)
    counts = dict(zip(rows["tls_version"], (int(n) for n in rows["sender_count"]), strict=True))
    senders_ = int(rows["all_senders"].max()) if len(rows) else 0
    full = [(v, counts.get(v, 0), _share(counts.get(v, 0), senders_)) for v in TLS_VERSIONS]
    return pd.DataFrame(full if senders_ else [], columns=["tls_version", "sender_count", "share"])


def daily(engine: Engine, found: Scope) -> pd.DataFrame:
    """Every count of the scope: what a page needs to answer on its own.

    Returns
    -------
    DataFrame
        period_start, period_end (dates), sender_address, sender_domain, tls_version,
        auth_protocol, message_count (int64, at least 1).
    """
    return _ask(engine, "daily", found)


def senders(engine: Engine, found: Scope) -> pd.DataFrame:
    """Tell what each sender sent, over which TLS versions, with which authentication.

    Returns
    -------
    DataFrame
        One row per sender, busiest first: sender_address (as it came), sender_domain (lower
        case, IDNA), message_count; for none, 1_0, 1_1, 1_2, 1_3, unknown: tls_V_count (int64)
        and tls_V_share (float, 0 to 1); basic_count, oauth_count, unknown_auth_count;
        first_seen, last_seen (dates; of a report: the ends of its periods); client_ip_count
        (0 also where the source has no addresses).

    Examples
    --------
    >>> senders(store, scope(store)).sender_address.tolist()
    ['scanner@contoso.com', 'app@fabrikam.com']
    """
    return _with_shares(_ask(engine, "senders", found))


def _with_shares(rows: pd.DataFrame) -> pd.DataFrame:
    """Put each TLS version's share of the row's messages beside its count."""
    names = [name for version in TLS_VERSIONS for name in _tls_columns(version)]
    for count, share in zip(names[::2], names[1::2], strict=True):
        rows[share] = rows[count] / rows["message_count"]
    head = ["sender_address", "sender_domain", "message_count"]
    return rows[[*head, *names, *(name for name in rows if name not in (*head, *names))]]


def _tls_columns(version: str) -> tuple[str, str]:
    name = f"tls_{version.replace('.', '_')}"
    return f"{name}_count", f"{name}_share"


@dataclass(frozen=True)
class SendersPage:
    """Some rows of :func:`senders`, and what all rows found come to."""

    rows: pd.DataFrame
    row_count: int
    """Senders found, on all pages."""
    totals: Mapping[str, Any]
    """The columns of a row of :func:`senders` over all senders found, but for the text ones."""


SENDER_ORDERS: Final = {
    "sender_address": "sender_key",
    "sender_domain": "sender_domain",
    **{
        column: f"{_tls_columns(version)[0]}{share}"
        for version in TLS_VERSIONS
        for column, share in zip(_tls_columns(version), ("", " / message_count"), strict=True)
    },
    **{
        column: column
        for column in (
            "message_count", "basic_count", "oauth_count", "unknown_auth_count", "first_seen",
            "last_seen",
        )
    },
    **{
        f"{name}_share": f"{name}_count / message_count"
        for name in ("basic", "oauth", "unknown_auth")
    },
    "client_ip_count": "(select count(distinct r.client_ip) from (/* counted: submissions */) as r"
    " where r.sender_key = found.sender_key and r.client_ip <> '')",
}  # fmt: skip
"""What senders can be ordered by, and what that is in SQL: their columns, and shares of counts."""


@at_one_moment
def senders_page(
    engine: Engine,
    found: Scope,
    *,
    sort: str = "message_count",
    descending: bool = True,
    search: str = "",
    offset: int = 0,
    limit: int = 50,
    client_ips: bool = True,
) -> SendersPage:
    """Return one page of :func:`senders`, however many there are, and the totals of all pages.

    Parameters
    ----------
    search
        Only senders whose address holds this, in any case.
    client_ips
        Whether rows have client_ip_count; counting them reads raw rows. Totals never have it.

    Raises
    ------
    UsageError
        Senders cannot be sorted by that column.

    Examples
    --------
    >>> page = senders_page(store, scope(store), sort="sender_address", descending=False, limit=1)
    >>> page.rows.sender_address.tolist(), page.row_count, page.totals["message_count"]
    (['app@fabrikam.com'], 2, 3)
    """
    if sort not in SENDER_ORDERS:
        raise UsageError(
            "Senders cannot be sorted by {column}. Their columns are: {columns}.",
            column=repr(sort),
            columns=list(SENDER_ORDERS),
        )
    params = {"search": search.strip().casefold(), "offset": offset, "limit": limit}
    order = f"{SENDER_ORDERS[sort]} {'desc' if descending else 'asc'}"
    filled = _fill("senders_page", {**found.params(), **params}, found.filters, order)
    rows = _dated(engine.run(*filled))
    totals = {str(name): _plain(cell) for name, cell in rows.iloc[0].items()}
    page = _with_shares(rows.iloc[1:].drop(columns=["row_count", "place"]).reset_index(drop=True))
    if client_ips:
        page["client_ip_count"] = client_ip_counts(engine, found, page["sender_key"])
    return SendersPage(page, int(totals.pop("row_count")), totals)


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def client_ip_counts(engine: Engine, found: Scope, sender_keys: Iterable[str]) -> list[int]:
    """Return from how many addresses each of some senders sent; 0 where the source has none."""
    keys = list(sender_keys)
    params = {**found.params(), "keys": keys}
    rows = engine.run(*_fill("client_ip_counts", params, found.filters))
    counts = dict(zip(rows["sender_key"], rows["client_ip_count"], strict=True))
    return [int(counts.get(key, 0)) for key in keys]


@at_one_moment
def sender(engine: Engine, found: Scope) -> pd.DataFrame:
    """Everything known of the one sender of `found.filters.sender`.

    Returns
    -------
    DataFrame
        The sender's row of :func:`senders` (no row when it sent nothing in the range), and:
        days (list of period_start, period_end, report_date, tls_version, auth_protocol,
        message_count), client_ips (list of str), sign_ins (success and failure as counts; both
        None where no sign-ins are loaded for the range).

    Raises
    ------
    UsageError
        The filters name no sender.
    """
    import pandas as pd

    if not found.filters.sender:
        raise UsageError("Which sender? Name it with --sender ADDRESS.")
    rows = senders(engine, found)
    days = _ask(engine, "sender_days", found).to_dict("records")
    ips = _ask(engine, "sender_client_ips", found)["client_ip"].tolist()
    attempts = sign_ins(engine, found)
    known = found.sign_in_source is not None
    counts = {
        result: _sum(attempts[f"{result}_count"]) if known else None
        for result in ("success", "failure")
    }
    rows["days"] = pd.Series([days] * len(rows), dtype=object)
    rows["client_ips"] = pd.Series([ips] * len(rows), dtype=object)
    rows["sign_ins"] = pd.Series([counts] * len(rows), dtype=object)
    return rows


def sender_clients(engine: Engine, found: Scope) -> pd.DataFrame:
    """From which addresses the sender of `found.filters.sender` sent or signed in.

    Returns
    -------
    DataFrame
        One row per client_ip, most messages first: message_count (None where no message came from
        it), success_count and failure_count of sign-ins (None where none was tried from it),
        countries, networks and user_agents (sorted lists, as the sign-in log has them).

    Examples
    --------
    >>> one = scope(store, Filters(sender="scanner@contoso.com"))
    >>> sender_clients(store, one)[["client_ip", "message_count"]].values.tolist()
    [['192.0.2.25', 2]]
    """
    import pandas as pd

    rows = _ask(engine, "sender_clients", found)
    for column in ("message_count", "success_count", "failure_count"):
        counts = [None if pd.isna(count) else int(count) for count in rows[column]]
        rows[column] = _objects(counts)
    for column in ("countries", "networks", "user_agents"):
        rows[column] = _objects([list(x) if isinstance(x, Iterable) else [] for x in rows[column]])
    return rows


def _objects(cells: list[Any]) -> pd.Series[Any]:
    import pandas as pd

    return pd.Series(cells, dtype=object)


@dataclass(frozen=True)
class MailboxSetting:
    """Whether a mailbox may use SMTP AUTH, as far as the settings loaded tell."""

    allowed: bool | None
    """None: it inherits what its tenant says, and that is not loaded."""
    inherited: bool
    """Whether the tenant decides."""
    day: dt.date
    """When the deciding setting was exported; the mailbox's own where none decides."""


def mailbox_setting(engine: Engine, found: Scope) -> MailboxSetting | None:
    """Return the newest setting of the sender's mailbox, resolved against its tenant.

    None: no settings of this mailbox are loaded. What counts is the last export, not the range.
    """
    rows = _dated(_ask(engine, "mailbox_setting", found)).to_dict("records")
    mailbox = next((row for row in rows if row["address"]), None)
    if mailbox is None:
        return None
    own = mailbox["smtp_auth_disabled"]
    if isinstance(own, bool):
        return MailboxSetting(not own, False, mailbox["day"].date())
    tenants = [row for row in rows if not row["address"] and row["tenant"] == mailbox["tenant"]]
    blocked = tenants[0]["smtp_auth_disabled"] if tenants else None
    if not isinstance(blocked, bool):
        return MailboxSetting(None, True, mailbox["day"].date())
    return MailboxSetting(not blocked, True, tenants[0]["day"].date())


def _sum(counts: pd.Series[Any]) -> int | None:
    return None if counts.isna().any() else int(counts.sum())


def sign_ins(engine: Engine, found: Scope) -> pd.DataFrame:
    """How often each account signed in for SMTP and failed to; a failure is never use.

    Returns
    -------
    DataFrame
        One row per account, most attempts first: account, success_count, failure_count,
        attempt_count (int64), first_seen, last_seen (UTC), countries (sorted list),
        client_ip_count. success_count is None where the source tells of failures only.
    """
    rows = _ask(engine, "sign_ins", found)
    # Mail servers' logs that tell of no success at all tell of none: a 0 would be a guess.
    if found.sign_in_source == "server_log" and not rows["success_count"].any():
        rows["success_count"] = rows["success_count"].astype(object).mask(rows.index >= 0, None)
    rows["countries"] = [
        [] if not isinstance(found, Iterable) else list(found) for found in rows["countries"]
    ]
    return rows


def files(engine: Engine, found: Scope | None = None) -> pd.DataFrame:
    """Every file loaded: what it was recognised as, its period, how its rows ended.

    Returns
    -------
    DataFrame
        file_id, loaded_at (UTC), path, format, status, rows_read, rows_loaded, rows_duplicate,
        rows_rejected, rows_other, message_count, period ([first, last day] or None), warnings
        (list of str), error (None), why, tenant; in the order of loading.
    """
    rows = engine.run(sql_text("files"))
    periods = zip(
        _as_dates(rows.pop("period_start")), _as_dates(rows.pop("period_end")), strict=True
    )
    rows.insert(11, "period", [[start, end] if start else None for start, end in periods])
    rows["warnings"] = [list(warnings) for warnings in rows["warnings"]]
    rows.insert(13, "error", None)
    return rows


def rejected(engine: Engine, found: Scope | None = None) -> pd.DataFrame:
    """Every row that was not loaded: file_id, path, line, reason, raw (as it came)."""
    return engine.run(sql_text("rejected"))


def rejected_page(engine: Engine, file_id: int, limit: int, offset: int = 0) -> pd.DataFrame:
    """Return some of the rows of one file that were not loaded: line, reason, raw (as it came).

    `sentence` is the reason as the store keeps it for other languages.

    Examples
    --------
    >>> rejected_page(store, 1, limit=20).columns.tolist()
    ['line', 'reason', 'raw', 'sentence']
    """
    params = {"file_id": file_id, "limit": limit, "offset": offset}
    return engine.run(sql_text("rejected_page"), params)


def domains(engine: Engine) -> pd.DataFrame:
    """Every sender domain loaded, busiest first: sender_domain, message_count."""
    return _kept(engine, ("domains",), lambda: engine.run(sql_text("domains")))


@at_one_moment
def stored_messages(engine: Engine) -> int:
    """Return how many messages the whole store holds, each once, from its fullest source."""
    periods, _ = _periods(engine, ALL)
    if not periods:
        return 0
    whole = Filters(start=min(p.start for p in periods), end=max(p.end for p in periods))
    return int(insight(engine, scope(engine, whole))["message_count"].iloc[0])


_FUNCTIONS: Final[dict[str, Callable[[Engine, Scope], pd.DataFrame]]] = {
    "insight": insight,
    "sending-volume": sending_volume,
    "tls-usage": tls_usage,
    "auth-usage": auth_usage,
    "tls-by-day": tls_by_day,
    "auth-by-day": auth_by_day,
    "volume-by-sender": volume_by_sender,
    "volume-by-domain": volume_by_domain,
    "senders-by-tls": senders_by_tls,
    "senders": senders,
    "sender": sender,
    "sign-ins": sign_ins,
    "files": files,
    "rejected": rejected,
}


@at_one_moment
def ask(engine: Engine, name: str, filters: Filters = ALL) -> Answer:
    """Answer a question by its name, with the conditions of `filters.where` applied.

    Raises
    ------
    UsageError
        There is no such answer, or a condition names a column it does not have.
    """
    if name not in ANSWERS:
        raise UsageError(
            "There is no answer {answer}. The answers are: {answers}.",
            answer=repr(name),
            answers=list(ANSWERS),
        )
    found = _scope_of(engine, name, filters)
    rows = _FUNCTIONS[name](engine, found)
    for clause in filters.where:
        kept = [holds(clause, value) for value in _column(rows, clause)]
        rows = rows.loc[[n for n, keep in zip(rows.index, kept, strict=True) if keep]]
    return Answer(name, found, rows.reset_index(drop=True))


def _scope_of(engine: Engine, name: str, filters: Filters) -> Scope:
    if name in ("files", "rejected"):
        # They show all that was loaded, from every source and for every day.
        return Scope(
            filters.changed(start=None, end=None),
            start=None, end=None, oldest=None, newest=None, source=None, not_shown={},
        )  # fmt: skip
    if name != "sign-ins":
        return scope(engine, filters)
    found = scope(engine, filters, about="sign_ins")
    source = found.sign_in_source
    told = _cannot_tell(engine, source)
    return replace(
        found, source=source, not_shown={}, outside_window=(), cannot_tell=told, auth_told_by=()
    )


def _column(rows: pd.DataFrame, clause: Clause) -> pd.Series[Any]:
    if clause.field not in rows.columns:
        raise UsageError(
            "The answer has no column {column}. Its columns: {columns}.",
            column=repr(clause.field),
            columns=list(rows.columns),
        )
    return rows[clause.field]
