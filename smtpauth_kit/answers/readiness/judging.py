"""What is told of each sender: its figures, rhythm, what breaks, its way out. Nothing people said.

Every answer of readiness reads this, so that a number is the same in all of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from smtpauth_kit.answers.coverage import told_by
from smtpauth_kit.answers.covered_days import spans
from smtpauth_kit.answers.findings import knowledge
from smtpauth_kit.answers.readiness.days import DAY, Covered
from smtpauth_kit.answers.readiness.families import Family, families, family_of
from smtpauth_kit.answers.readiness.kept_figures import figures_of
from smtpauth_kit.answers.readiness.relations import RECENT_DAYS
from smtpauth_kit.answers.readiness.rhythm import (
    UNKNOWN_CYCLE,
    Habit,
    Name,
    cycle_of,
    habit_of,
    next_expected,
    rhythm_of,
)
from smtpauth_kit.answers.readiness.way_out import Known, WayOut, limits, way_out
from smtpauth_kit.answers.scope import Scope, together
from smtpauth_kit.base.sentences import Sentence
from smtpauth_kit.store.engine import Engine

ALLOWED: Final = ("blocked", "inherits_blocked", "unknown", "inherits_allowed", "allowed")
"""The most blocked first: of several accounts that sign in for a sender, the first one counts."""

BREAKS: Final = (
    "basic_off", "legacy_tls_refused", "cleartext_refused", "switch_blocked", "auth_unknown",
)  # fmt: skip


NOTHING_LOADED: Final = Sentence("No messages are loaded of these days with these filters.")
"""What an answer says in place of noughts."""


@dataclass(frozen=True)
class Sender:
    """All that the facts tell of one sender."""

    tenant: str
    key: str
    figures: Mapping[str, Any]
    """The columns of `figures.sql` and `clients.sql`."""
    source: str
    habit: Habit | None
    rhythm: Name | None
    """None: its source counts no days."""
    next_expected: dt.date | None
    allowed: str
    breaks: tuple[str, ...]
    moved: bool
    family: Family | None
    way_out: WayOut
    quiet_days: int
    """Days after its last one that its source covers."""
    basic_quiet_days: int
    """Days after its last one with Basic auth that its source covers; 0 where there is none."""
    covered_days: int
    """Days of the range that its source covers."""
    says_none: bool
    """Its source tells no TLS from unknown."""

    @property
    def is_at_stake(self) -> bool:
        """Whether it used Basic, unknown authentication, old TLS or none in the range."""
        told = ("basic_count", "unknown_auth_count", "legacy_tls_count", "none_tls_count")
        return any(self.figures[name] for name in told)

    @property
    def basic_cycle(self) -> int:
        """Days of its own cycle in the use of Basic auth.

        Of one use alone it is not known: that of all its messages, or at least 15 days, where it
        sends more; else 92, as of a quarterly job.
        """
        if (pause := self.figures["basic_pause"]) is not None:
            return int(pause)
        if self.habit is None or self.habit.usual_pause is None:
            return max(UNKNOWN_CYCLE, int(self.figures["longest_period"]))
        return max(self.habit.usual_pause, RECENT_DAYS // 2)

    @property
    def messages_per_week(self) -> float:
        """Messages a week, over the days of the range that its source covers."""
        return float(7 * self.figures["message_count"] / max(self.covered_days, 1))


def senders_of(engine: Engine, scope: Scope) -> tuple[Sender, ...]:
    """Return every sender of each tenant of the range, in the order of their keys.

    An address that two tenants have is a sender of each: their sources differ, and their switches.
    """
    # What goes off, and which rows are wanted, is asked of the same senders.
    asked = scope.filters.changed(where=(), off=(), on=None)
    of = (repr(asked), str(scope.start), str(scope.end), scope.messages_source or "")
    key = ("readiness", *of, knowledge.fingerprint())
    return engine.found_once(key, lambda: _senders(engine, scope))


def _senders(engine: Engine, scope: Scope) -> tuple[Sender, ...]:
    if scope.start is None or scope.end is None:
        return ()
    if not len(figures := figures_of(engine, scope)):
        return ()
    judge = _Judge(engine, scope)
    return tuple(map(judge.sender, figures.named()))


class _Judge:
    """What all senders of a scope are judged by."""

    def __init__(self, engine: Engine, scope: Scope) -> None:
        assert scope.start is not None and scope.end is not None
        self._engine, self._scope = engine, scope
        self.start, self.end = scope.start, scope.end
        self._covered: dict[str, Covered] = {}
        self._families, self._limits = families(), limits()
        self._told = told_by(engine)

    def sender(self, row: Any) -> Sender:
        figures = row._asdict()
        places = [tuple(place.rpartition("|")[::2]) for place in row.places]
        covered = self._covered_by(row.places)
        # A count of several days is never spread over them: it tells no rhythm.
        habit = habit_of(row) if row.longest_period == 1 else None
        days = covered.days(self.start, self.end)
        rhythm = rhythm_of(habit, covered, days) if habit else None
        allowed = ALLOWED[int(row.allowed_place) - 1]
        breaks = _breaks(row, allowed)
        moved = not set(breaks) - {"switch_blocked"}
        quiet = self._days_after(row.last_seen, covered)
        family = family_of(row.sender_address, row.display_name, self._families)
        known = _known(row, breaks, moved, quiet, habit, family)
        return Sender(
            tenant=row.tenant,
            key=row.sender_key,
            figures=figures,
            source=together(row.sources) or "",
            habit=habit,
            rhythm=rhythm,
            next_expected=next_expected(rhythm, habit, self.end, quiet) if habit else None,
            allowed=allowed,
            breaks=breaks,
            moved=moved,
            family=family,
            way_out=way_out(known, self._limits),
            quiet_days=quiet,
            basic_quiet_days=self._days_after(row.last_basic, covered),
            covered_days=days,
            says_none=any(self._told[place].none for place in places if place in self._told),
        )

    def _days_after(self, day: dt.date | None, covered: Covered) -> int:
        return 0 if day is None or day >= self.end else covered.days(day + DAY, self.end)

    def _covered_by(self, places: list[str]) -> Covered:
        name = "\n".join(places)
        if name not in self._covered:
            named = (self._days_of(*place.rpartition("|")[::2]) for place in places)
            days = set().union(*named) or self._every_day()
            self._covered[name] = Covered.of(days)
        return self._covered[name]

    def _every_day(self) -> set[dt.date]:
        """Return the range: of a source whose files say no period, what else could be covered."""
        return {self.start + n * DAY for n in range((self.end - self.start).days + 1)}

    def _days_of(self, tenant: str, source: str) -> set[dt.date]:
        days: set[dt.date] = set()
        for of, start, end in spans(self._engine, self._scope, source):
            if of == tenant:
                low, high = max(start, self.start), min(end, self.end)
                days.update(low + n * DAY for n in range((high - low).days + 1))
        return days


def _breaks(row: Any, allowed: str) -> tuple[str, ...]:
    """Return what breaks, of `BREAKS` in their order."""
    found = (
        row.basic_recently,
        row.legacy_tls_recently,
        row.none_tls_recently,
        allowed in ("blocked", "inherits_blocked"),
        row.unknown_auth_recently,
    )
    return tuple(code for code, breaks in zip(BREAKS, found, strict=True) if breaks)


def _known(
    row: Any, breaks: tuple[str, ...], moved: bool, quiet: int, habit: Habit | None,
    family: Family | None,
) -> Known:  # fmt: skip
    cycle = cycle_of(habit) if habit else max(UNKNOWN_CYCLE, int(row.longest_period))
    return Known(
        breaks=breaks,
        moved=moved,
        basic_count=row.basic_count,
        oauth_count=row.oauth_count,
        message_count=row.message_count,
        last_seen=row.last_seen,
        last_oauth=row.last_oauth,
        quiet_days=quiet,
        is_over=quiet > 2 * cycle,
        recipients_told=bool(row.are_all_told),
        domain_count=int(row.domain_count),
        outside_count=int(row.outside_count),
        outside_domain=row.outside_domain,
        client_ip_count=int(row.client_ip_count),
        peak_messages=None if row.peak_count is None else int(row.peak_count),
        peak_recipients=_whole(row.peak_recipients),
        family=family,
    )


def _whole(value: Any) -> int | None:
    return None if value is None or value != value else int(value)
