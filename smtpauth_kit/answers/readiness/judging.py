"""What is told of each sender: its figures, rhythm, what breaks, its way out. Nothing people said.

Every answer of readiness reads this, so that a number is the same in all of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import compress
from typing import Any, Final, NamedTuple, TypeVar

from smtpauth_kit.answers.coverage import told_by
from smtpauth_kit.answers.covered_days import spans
from smtpauth_kit.answers.findings import knowledge
from smtpauth_kit.answers.found_last import found_last
from smtpauth_kit.answers.readiness.days import DAY, Covered
from smtpauth_kit.answers.readiness.families import Families, Family, families, family_of
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
from smtpauth_kit.base.collecting import uncollected
from smtpauth_kit.base.sentences import Sentence
from smtpauth_kit.store.engine import Engine

_T = TypeVar("_T")

ALLOWED: Final = ("blocked", "inherits_blocked", "unknown", "inherits_allowed", "allowed")
"""The most blocked first: of several accounts that sign in for a sender, the first one counts."""

BREAKS: Final = (
    "basic_off", "legacy_tls_refused", "cleartext_refused", "switch_blocked", "auth_unknown",
)  # fmt: skip


NOTHING_LOADED: Final = Sentence("No messages are loaded of these days with these filters.")
"""What an answer says in place of noughts."""


class World(NamedTuple):
    """What is known of the world: families of devices and applications, and what ways out carry."""

    families: Families
    limits: Mapping[str, int]


@dataclass(frozen=True, eq=False)
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
    quiet_days: int
    """Days after its last one that its source covers."""
    basic_quiet_days: int
    """Days after its last one with Basic auth that its source covers; 0 where there is none."""
    covered_days: int
    """Days of the range that its source covers."""
    says_none: bool
    """Its source tells no TLS from unknown."""
    world: World

    @property
    def moved(self) -> bool:
        """Whether nothing breaks but for the mailbox's own switch."""
        return not self.breaks or self.breaks == ("switch_blocked",)

    @cached_property
    def family(self) -> Family | None:
        """What its name, or that of its mailbox, says it is."""
        told = self.figures
        return family_of(told["sender_address"], told["display_name"], self.world.families)

    @cached_property
    def way_out(self) -> WayOut:
        """How it goes on after Basic."""
        told = self.figures
        cycle = (
            cycle_of(self.habit) if self.habit else max(UNKNOWN_CYCLE, int(told["longest_period"]))
        )
        known = Known(
            breaks=self.breaks,
            moved=self.moved,
            basic_count=told["basic_count"],
            oauth_count=told["oauth_count"],
            message_count=told["message_count"],
            last_seen=told["last_seen"],
            last_oauth=told["last_oauth"],
            quiet_days=self.quiet_days,
            is_over=self.quiet_days > 2 * cycle,
            recipients_told=bool(told["are_all_told"]),
            domain_count=int(told["domain_count"]),
            outside_count=int(told["outside_count"]),
            outside_domain=told["outside_domain"],
            client_ip_count=int(told["client_ip_count"]),
            peak_messages=None if told["peak_count"] is None else int(told["peak_count"]),
            peak_recipients=_whole(told["peak_recipients"]),
            family=self.family,
        )
        return way_out(known, self.world.limits)

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
    return found_for(engine, scope, "senders", lambda: _senders(engine, scope))


def found_for(engine: Engine, scope: Scope, name: str, find: Callable[[], _T]) -> _T:
    """Return what `find` finds of the senders of a scope, by its name; see `Engine.found_once`."""
    return engine.found_once(_key(scope, name), find)


def found_with(engine: Engine, scope: Scope, name: str, of: Any, find: Callable[[], _T]) -> _T:
    """Return the same of what people said (`of`), or of something else that may change."""
    return found_last(engine, _key(scope, name), of, find)


def _key(scope: Scope, name: str) -> tuple[str, ...]:
    # What goes off, and which rows are wanted, is asked of the same senders.
    asked = scope.filters.changed(where=(), off=(), on=None)
    of = (repr(asked), str(scope.start), str(scope.end), scope.messages_source or "")
    return ("readiness", name, *of, knowledge.fingerprint())


def _senders(engine: Engine, scope: Scope) -> tuple[Sender, ...]:
    if scope.start is None or scope.end is None:
        return ()
    with uncollected():
        if not len(figures := figures_of(engine, scope)):
            return ()
        judge = _Judge(engine, scope)
        return tuple(map(judge.sender, figures.records()))


class _Place(NamedTuple):
    """What the sources that tell of a sender cover and say."""

    source: str
    covered: Covered
    days: int
    """Days of the range that they cover."""
    says_none: bool


class _Judge:
    """What all senders of a scope are judged by."""

    def __init__(self, engine: Engine, scope: Scope) -> None:
        assert scope.start is not None and scope.end is not None
        self._engine, self._scope = engine, scope
        self.start, self.end = scope.start, scope.end
        self._places: dict[tuple[str, ...], _Place] = {}
        self._world = World(families(), limits())
        self._told = told_by(engine)

    def sender(self, told: dict[str, Any]) -> Sender:
        """Return a sender from its row of `figures.sql` and `clients.sql`."""
        source, covered, days, says_none = self._place_of(told)
        # A count of several days is never spread over them: it tells no rhythm.
        habit = habit_of(told) if told["longest_period"] == 1 else None
        rhythm = rhythm_of(habit, covered, days) if habit else None
        quiet = self._days_after(told["last_seen"], covered)
        allowed = ALLOWED[int(told["allowed_place"]) - 1]
        return Sender(
            tenant=told["tenant"],
            key=told["sender_key"],
            figures=told,
            source=source,
            habit=habit,
            rhythm=rhythm,
            next_expected=next_expected(rhythm, habit, self.end, quiet) if habit else None,
            allowed=allowed,
            breaks=_breaks(told, allowed),
            quiet_days=quiet,
            basic_quiet_days=self._days_after(told["last_basic"], covered),
            covered_days=days,
            says_none=says_none,
            world=self._world,
        )

    def _days_after(self, day: dt.date | None, covered: Covered) -> int:
        return 0 if day is None or day >= self.end else covered.days(day + DAY, self.end)

    def _place_of(self, told: Mapping[str, Any]) -> _Place:
        """Return what the sources of a sender cover: found out once for all that have the same."""
        named = tuple(told["places"])
        if named not in self._places:
            pairs = [tuple(place.rpartition("|")[::2]) for place in named]
            days = set().union(*(self._days_of(*pair) for pair in pairs)) or self._every_day()
            covered = Covered.of(days)
            self._places[named] = _Place(
                together(told["sources"]) or "",
                covered,
                covered.days(self.start, self.end),
                any(self._told[pair].none for pair in pairs if pair in self._told),
            )
        return self._places[named]

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


def _breaks(told: Mapping[str, Any], allowed: str) -> tuple[str, ...]:
    """Return what breaks, of `BREAKS` in their order."""
    found = (
        told["basic_recently"],
        told["legacy_tls_recently"],
        told["none_tls_recently"],
        allowed in ("blocked", "inherits_blocked"),
        told["unknown_auth_recently"],
    )
    return tuple(compress(BREAKS, found))


def _whole(value: Any) -> int | None:
    return None if value is None or value != value else int(value)
