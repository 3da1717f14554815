"""The answer `burn-down`: who is left on Basic auth and old TLS, by week, and on the last day."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from smtpauth_kit.answers.covered_days import spans
from smtpauth_kit.answers.readiness.days import DAY, EPOCH
from smtpauth_kit.answers.readiness.judging import Sender, found_for, senders_of
from smtpauth_kit.answers.readiness.kept import retirement_date
from smtpauth_kit.answers.readiness.kept_figures import weeks_of
from smtpauth_kit.answers.scope import Scope
from smtpauth_kit.answers.tabled import tabled
from smtpauth_kit.base.sentences import Sentence
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.store.rows import Rows

COLUMNS: Final = (
    "week_start", "week_end", "is_complete", "basic_sender_count", "basic_message_count",
    "legacy_tls_sender_count", "legacy_tls_message_count", "sender_count", "message_count",
)  # fmt: skip

PACE_DAYS: Final = 56
"""The pace is that of the last eight weeks: what was before says little of the next."""
LEAST_QUIET_DAYS: Final = 14
"""Days without Basic auth after which even a daily sender is taken to have stopped using it."""

LEAST_DAYS: Final = 14
"""Of fewer days no pace is told: nobody is taken to move."""


@tabled
def burn_down(engine: Engine, scope: Scope) -> Rows:
    """Return senders and messages on Basic auth and on TLS 1.0 and 1.1, by ISO week.

    Returns
    -------
    DataFrame
        One row per ISO week (Monday to Sunday) from the first to the last of which a file of the
        source tells, in order.

        ======================== ===========================================================
        week_start, week_end     Monday and Sunday
        is_complete              every day of it lies in the range and inside a file of the
                                 source (of each tenant's)
        basic_sender_count       senders with a message by Basic auth; unknown is not Basic
        basic_message_count      those messages
        legacy_tls_sender_count  senders with a message over TLS 1.0 or 1.1;
                                 legacy_tls_message_count alike
        sender_count             senders with a message; message_count: messages
        ======================== ===========================================================

        Figures of Basic auth are None where no message of the week tells its authentication, those
        of TLS where none tells its version, all of them in a week of which no day is loaded. A
        report's period that reaches over the end of a week is in none of them.

    Examples
    --------
    >>> from smtpauth_kit.answers.readiness.answer import readiness_scope
    >>> weeks = burn_down(store, readiness_scope(store))
    >>> weeks[["week_start", "basic_sender_count"]].values.tolist()
    [[datetime.date(2026, 11, 16), 1]]
    """
    told = {row.monday: row for row in _told(engine, scope).named()}
    weeks = list(_weeks(engine, scope))
    rows = [_row(week, told.get((week.monday - EPOCH).days)) for week in weeks]
    return Rows.of_records(COLUMNS, rows)


def _told(engine: Engine, scope: Scope) -> Rows:
    """Return what was sent in each week; while the facts stay as they are, it is asked once."""
    return found_for(engine, scope, "weeks", lambda: weeks_of(engine, scope))


@dataclass(frozen=True)
class _Week:
    monday: dt.date
    is_complete: bool
    is_loaded: bool
    """A day of it is."""


def _weeks(engine: Engine, scope: Scope) -> Iterator[_Week]:
    """Yield the weeks from the first to the last day that the sources cover."""
    covered = _covered(engine, scope)
    every = set().union(*covered.values()) if covered else set()
    if not every:
        return
    monday = min(every) - min(every).weekday() * DAY
    while monday <= max(every):
        days = {monday + n * DAY for n in range(7)}
        yield _Week(monday, all(days <= own for own in covered.values()), bool(days & every))
        monday += 7 * DAY


def _covered(engine: Engine, scope: Scope) -> dict[str, set[dt.date]]:
    """Return the days of the range that each tenant's sources cover; of reports within a week."""
    covered: dict[str, set[dt.date]] = {}
    if scope.start is None or scope.end is None:
        return covered
    wanted = frozenset(scope.sources)
    for source in {source for _, source in scope.sources}:
        for tenant, start, end in spans(engine, scope, source):
            one_week = start - start.weekday() * DAY == end - end.weekday() * DAY
            if (tenant, source) not in wanted or (source == "report" and not one_week):
                continue
            low, high = max(start, scope.start), min(end, scope.end)
            days = {low + n * DAY for n in range((high - low).days + 1)}
            covered.setdefault(tenant, set()).update(days)
    return covered


def _row(week: _Week, told: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "week_start": week.monday,
        "week_end": week.monday + 6 * DAY,
        "is_complete": week.is_complete,
    }
    if told is None:
        return row | dict.fromkeys(COLUMNS[3:], 0 if week.is_loaded else None)
    tells_auth = told.unknown_auth_count < told.message_count
    tells_tls = told.unknown_tls_count < told.message_count
    return row | {
        "basic_sender_count": told.basic_sender_count if tells_auth else None,
        "basic_message_count": told.basic_message_count if tells_auth else None,
        "legacy_tls_sender_count": told.legacy_tls_sender_count if tells_tls else None,
        "legacy_tls_message_count": told.legacy_tls_message_count if tells_tls else None,
        "sender_count": told.sender_count,
        "message_count": told.message_count,
    }


# --- what becomes of it -----------------------------------------------------------------------


@dataclass(frozen=True)
class Forecast:
    """How many senders are left on Basic auth, and will be on the last day."""

    left: int
    moved: int
    """In the `pace_days` before the end of the range."""
    pace_days: int
    projected: int


def forecast(
    senders: Sequence[Sender], end: dt.date, loaded_days: int, retirement: dt.date
) -> Forecast:
    """Return who is left on Basic at the end of the range, and at this pace on the last day.

    A sender has stopped using Basic auth, be it that it moved or that it is silent, when it was
    quiet with it for two weeks and for longer than two of its own cycles: a monthly job that ran
    four weeks ago is left, and so is a quarterly one. It stopped on its last day with Basic auth.
    The pace is that of the last eight weeks; nobody is taken to come back.
    """
    used = [sender for sender in senders if sender.figures["basic_count"]]
    left = [
        sender
        for sender in used
        if sender.basic_quiet_days <= max(LEAST_QUIET_DAYS, 2 * sender.basic_cycle)
    ]
    pace_days = min(PACE_DAYS, loaded_days)
    since = end - pace_days * DAY
    moved = sum(sender.figures["last_basic"] > since for sender in used) - sum(
        sender.figures["last_basic"] > since for sender in left
    )
    ahead = max(0, (retirement - end).days)
    gone = math.floor(moved * ahead / pace_days) if pace_days >= LEAST_DAYS else 0
    return Forecast(len(left), moved, pace_days, max(0, len(left) - gone))


def beside_burn_down(engine: Engine, scope: Scope) -> dict[str, Any]:
    """Return what stands beside the weeks: retirement_date, statement, projected_senders_left.

    projected_senders_left is None where nothing is loaded or no source tells the authentication;
    the statement is one sentence, English. It goes by all senders that readiness knows, also those
    that another source alone sees.
    """
    retirement = retirement_date(engine)
    senders = senders_of(engine, scope)
    end = scope.end
    tells = any(s.figures["unknown_auth_count"] < s.figures["message_count"] for s in senders)
    if end is None or not tells:
        text = Sentence("No source that is loaded tells who uses Basic auth.")
        return _beside(retirement, text, None)
    found = forecast(senders, end, len(scope.covered), retirement)
    return _beside(retirement, _statement(found, end, retirement), found.projected)


def _beside(day: dt.date, statement: Sentence, projected: int | None) -> dict[str, Any]:
    return {
        "retirement_date": day,
        "statement": statement,
        "projected_senders_left": projected,
    }


def _statement(found: Forecast, end: dt.date, retirement: dt.date) -> Sentence:
    if end >= retirement:
        return Sentence(
            "Basic auth was to go on {date}; senders that still use it on {end}: {left}.",
            date=retirement,
            end=end,
            left=found.left,
        )
    if found.pace_days < LEAST_DAYS:
        return Sentence(
            "Senders on Basic auth on {end}: {left}. Of {days} {days:day|days} no pace can be "
            "told; if nobody moves, {projected} remain on {date}.",
            end=end,
            left=found.left,
            days=found.pace_days,
            projected=found.projected,
            date=retirement,
        )
    return Sentence(
        "Senders on Basic auth on {end}: {left}; in the {days} {days:day|days} before, {moved} "
        "stopped using it. At this pace {projected} remain on {date}.",
        end=end,
        left=found.left,
        days=found.pace_days,
        moved=found.moved,
        projected=found.projected,
        date=retirement,
    )
