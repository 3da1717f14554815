"""The answer `switch-off`: who stops sending when something goes off on a day, before it does."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from typing import Any, Final

from smtpauth_kit.answers.readiness.answer import at_stake
from smtpauth_kit.answers.readiness.days import DAY
from smtpauth_kit.answers.readiness.judging import (
    NOTHING_LOADED,
    Sender,
    found_with,
    senders_of,
)
from smtpauth_kit.answers.readiness.kept import NOTHING_SAID, Said, retirement_date, said_of
from smtpauth_kit.answers.readiness.rhythm import due_after
from smtpauth_kit.answers.readiness.way_out import WAYS_OUT
from smtpauth_kit.answers.scope import Scope
from smtpauth_kit.answers.tabled import tabled
from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.base.sentences import Sentence
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.store.rows import Rows

COLUMNS: Final = (
    "sender_address", "sender_domain", "stops_by", "is_certain", "messages_per_week", "rhythm",
    "first_missed", "way_out", "owner", "state", "due_date", "is_due_later", "source", "tenant",
)  # fmt: skip

OFF: Final = ("basic", "legacy_tls", "no_tls", "switch")
"""What can go off: Basic auth; TLS 1.0 and 1.1; mail without TLS; the tenant's own switch for SMTP
AUTH, which mailboxes follow that have none of their own."""

_CERTAIN: Final = {
    "basic": "basic_off", "legacy_tls": "legacy_tls_refused", "no_tls": "cleartext_refused",
}  # fmt: skip


@tabled
def switch_off(engine: Engine, scope: Scope) -> Rows:
    """Return who stops when `filters.off` goes off on `filters.on`, the hardest first.

    Nothing is switched off: it is what readiness says of these senders, with the same numbers.

    Returns
    -------
    DataFrame
        One row per sender that stops, or may.

        =================  =======================================================================
        sender_address     as it came; sender_domain: lower case, IDNA
        stops_by           list of what stops it, of `OFF`
        is_certain         False: it may go on; its authentication, or its mailbox, is not known
        messages_per_week  float: messages of the range per 7 days that its source covers
        rhythm             as in readiness
        first_missed       the first day from that day on which it is due; None: it has no rhythm
        way_out            as in readiness, as are owner, state, due_date, source, tenant
        is_due_later       its due date lies behind that day
        =================  =======================================================================

    Raises
    ------
    UsageError
        There is no such thing to switch off.

    Examples
    --------
    >>> from smtpauth_kit.answers.readiness.answer import readiness_scope
    >>> rows = switch_off(store, readiness_scope(store, Filters(off=("legacy_tls",))))
    >>> rows[["sender_address", "stops_by", "messages_per_week"]].values.tolist()
    [['scanner@contoso.com', ['legacy_tls'], 2.0]]
    """
    said, day = said_of(engine.settings_place), day_of(engine, scope.filters)
    off = asked_off(scope.filters)

    def find() -> Rows:
        found = _stopping(engine, scope, said)
        rows = (_cells(each, why, said.get(each.key, NOTHING_SAID), day) for each, why in found)
        return Rows(COLUMNS, rows)

    return found_with(engine, scope, "switch_off", (said, off, day), find).with_lists("stops_by")


def day_of(engine: Engine, filters: Filters) -> dt.date:
    """Return the day on which it goes off: the one asked for, else that of retirement."""
    return filters.on or retirement_date(engine)


def asked_off(filters: Filters) -> tuple[str, ...]:
    """Return what goes off; where nothing is asked for, Basic auth.

    Raises
    ------
    UsageError
        There is no such thing.

    Examples
    --------
    >>> asked_off(Filters()), asked_off(Filters(off=("switch", "basic")))
    (('basic',), ('basic', 'switch'))
    """
    for wrong in set(filters.off) - set(OFF):
        raise UsageError(
            "There is nothing to switch off called {wrong}. Expected {known}.",
            wrong=repr(wrong),
            known=list(OFF),
        )
    return tuple(each for each in OFF if each in filters.off) or OFF[:1]


def _stopping(
    engine: Engine, scope: Scope, said: dict[str, Said]
) -> list[tuple[Sender, dict[str, bool]]]:
    """Return who stops, each with what stops it and whether that is certain; the hardest first."""
    off = asked_off(scope.filters)

    def find() -> list[tuple[Sender, dict[str, bool]]]:
        hardest = at_stake(engine, scope, said)
        # The tenant's switch also stops who uses OAuth and new TLS alone.
        others = (each for each in senders_of(engine, scope) if not each.is_at_stake)
        found = ((sender, _causes(sender, off)) for sender in (*hardest, *others))
        return [(sender, causes) for sender, causes in found if causes]

    return found_with(engine, scope, "stopping", (said, off), find)


def _causes(sender: Sender, off: Iterable[str]) -> dict[str, bool]:
    causes = {}
    for each in off:
        if each == "switch":
            if sender.allowed in ("inherits_allowed", "inherits_blocked", "unknown"):
                causes[each] = sender.allowed != "unknown"
        elif _CERTAIN[each] in sender.breaks:
            causes[each] = True
        elif each == "basic" and "auth_unknown" in sender.breaks:
            causes[each] = False
    return causes


def _cells(sender: Sender, causes: dict[str, bool], said: Said, day: dt.date) -> tuple[Any, ...]:
    """Return a sender that stops as a row of the answer, in the order of `COLUMNS`."""
    habit = sender.habit
    missed = due_after(sender.rhythm, habit, day - DAY) if habit and sender.next_expected else None
    return (
        sender.figures["sender_address"],
        sender.figures["sender_domain"],
        tuple(causes),
        any(causes.values()),
        round(sender.messages_per_week, 1),
        sender.rhythm,
        missed,
        sender.way_out.way,
        said.owner,
        said.state,
        said.due_date,
        said.due_date is not None and said.due_date > day,
        sender.source,
        sender.tenant,
    )


def beside_switch_off(engine: Engine, scope: Scope) -> dict[str, Any]:
    """Return what stands beside the rows of switch-off.

    off, on; sender_count and messages_per_week of those that certainly stop, uncertain_count of
    those that may; due_later: senders whose due date lies behind the day; ways_out: for each way
    out sender_count and messages_per_week of all rows, in the order of `WAYS_OUT`; statement: one
    sentence, English.
    """
    said, day = said_of(engine.settings_place), day_of(engine, scope.filters)
    found = _stopping(engine, scope, said)
    certain = [sender for sender, causes in found if any(causes.values())]
    later = [
        sender.figures["sender_address"]
        for sender, _ in found
        if (due := said.get(sender.key, NOTHING_SAID).due_date) is not None and due > day
    ]
    messages = round(sum(sender.messages_per_week for sender in certain), 1)
    return {
        "off": list(asked_off(scope.filters)),
        "on": day,
        "sender_count": len(certain),
        "messages_per_week": messages,
        "uncertain_count": len(found) - len(certain),
        "due_later": later,
        "ways_out": _ways_out([sender for sender, _ in found]),
        "statement": _statement(day, len(certain), messages, len(found) - len(certain), len(later))
        if senders_of(engine, scope)
        else NOTHING_LOADED,
    }


def _statement(day: dt.date, senders: int, messages: float, uncertain: int, later: int) -> Sentence:
    # Half of a message counts as one more; a monthly job is little a week, and yet not nothing.
    whole = math.floor(messages + 0.5)
    if senders and not whole:
        return Sentence(
            "Senders that stop on {day}: {senders}, with less than 1 message a week; that may "
            "stop: {uncertain}. Due after that day: {later}.",
            day=day,
            senders=senders,
            uncertain=uncertain,
            later=later,
        )
    return Sentence(
        "Senders that stop on {day}: {senders}, with {messages} {messages:message|messages} a "
        "week; that may stop: {uncertain}. Due after that day: {later}.",
        day=day,
        senders=senders,
        messages=whole,
        uncertain=uncertain,
        later=later,
    )


def _ways_out(senders: list[Sender]) -> list[dict[str, Any]]:
    weekly: dict[str, list[float]] = {}
    for sender in senders:
        weekly.setdefault(sender.way_out.way, []).append(sender.messages_per_week)
    return [
        {
            "way_out": way,
            "sender_count": len(weekly[way]),
            "messages_per_week": round(sum(weekly[way]), 1),
        }
        for way in WAYS_OUT
        if way in weekly
    ]
