"""The answer `went-quiet`: who was due by its own rhythm, sent nothing, and what changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from smtpauth_kit.answers.findings.answer import found_by_rule
from smtpauth_kit.answers.readiness.days import DAY, month_day
from smtpauth_kit.answers.readiness.judging import (
    NOTHING_LOADED,
    Sender,
    found_for,
    senders_of,
)
from smtpauth_kit.answers.readiness.kept import NOTHING_SAID, Said, said_of
from smtpauth_kit.answers.readiness.kept_figures import by_what_is_kept
from smtpauth_kit.answers.readiness.relations import rows_of
from smtpauth_kit.answers.readiness.rhythm import RUN_DAYS, cycle_of, due_after
from smtpauth_kit.answers.scope import Scope
from smtpauth_kit.answers.tabled import tabled
from smtpauth_kit.base.sentences import Sentence
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.store.rows import Rows

COLUMNS: Final = (
    "sender_address", "sender_domain", "rhythm", "last_seen", "expected_on", "quiet_days",
    "message_count", "changed", "allowed", "last_tls", "last_auth", "failed_sign_in_count",
    "error_codes", "owner", "state", "note", "finding_id", "source", "tenant",
)  # fmt: skip

CHANGES: Final = ("switch", "tls", "authentication", "failed_sign_ins")

SHORTEST: Final = 4
"""A quiet of fewer days is a long weekend, as for the rule `silent_sender`."""
LEAST_DAYS: Final = 5
"""Of fewer active days there is no habit to break, but for a monthly or quarterly job."""
LATE_DAYS: Final = 3
"""A job with a day of the month is late after a weekend; one without gets a week."""


@tabled
def went_quiet(engine: Engine, scope: Scope) -> Rows:
    """Return who was due by its own rhythm and sent nothing since, the newest quiet first.

    A monthly or quarterly job is quiet three days after its day; whoever has no day of the month a
    week after it is due; everyone else after more than two of its usual pauses, at least four days.
    Holidays are not known: who was away is there until it sends again. Senders that the rule
    `silent_sender` finds silent still are there, too.

    Returns
    -------
    DataFrame
        One row per sender.

        ====================  ====================================================================
        sender_address        as it came; sender_domain: lower case, IDNA
        rhythm                as in readiness
        last_seen             its last day
        expected_on           the first day on which it was due after that, and is absent since; of
                              an irregular one the day on which its longest usual pause was over
        quiet_days            days after its last one that its source covers
        message_count         messages of the range
        changed               list of what changed on its last day or after it, of `CHANGES`:
                              switch (its mailbox is blocked now), tls and authentication (its last
                              day had one that the 30 days before had not), failed_sign_ins
        allowed               as in readiness
        last_tls, last_auth   lists: what its last day used
        failed_sign_in_count  failed sign-ins of its account(s) from its last day on; None: no
                              sign-ins are loaded
        error_codes           list: their codes, as the log has them
        owner, state, note    what people said
        finding_id            of the rule silent_sender; None: it finds nothing
        source                as in readiness; tenant alike
        ====================  ====================================================================

    Examples
    --------
    >>> from smtpauth_kit.answers.readiness.answer import readiness_scope
    >>> len(went_quiet(store, readiness_scope(store)))
    0
    """
    quiet = _quiet(engine, scope)
    said = said_of(engine.settings_place)
    changes = found_for(
        engine, scope, "changes", lambda: _changes(engine, scope, [each.sender for each in quiet])
    )
    knows = scope.sign_in_source is not None
    rows = [
        _row(
            each,
            changes[each.sender.tenant, each.sender.key],
            said.get(each.sender.key, NOTHING_SAID),
            knows,
        )
        for each in quiet
    ]
    return Rows.of_records(COLUMNS, rows)


@dataclass(frozen=True)
class _Quiet:
    sender: Sender
    expected_on: dt.date | None
    finding_id: str | None


def _quiet(engine: Engine, scope: Scope) -> list[_Quiet]:
    return found_for(engine, scope, "quiet", lambda: _find_quiet(engine, scope))


def _find_quiet(engine: Engine, scope: Scope) -> list[_Quiet]:
    if scope.end is None:
        return []
    silent = {
        (finding.tenant, finding.subject): finding.finding_id
        for finding in found_by_rule(engine, scope.filters, "silent_sender")
        if finding.severity != "low"
    }
    listed = []
    for sender in senders_of(engine, scope):
        due = expected_on(sender)
        is_quiet = due is not None and is_late(sender, due, scope.end)
        found = silent.get((sender.tenant, sender.key))
        if is_quiet or (found and sender.quiet_days >= SHORTEST):
            listed.append(_Quiet(sender, due, found))
    return sorted(
        listed,
        key=lambda each: (
            -(each.expected_on or each.sender.figures["last_seen"]).toordinal(),
            -int(each.sender.figures["message_count"]),
            each.sender.key,
            each.sender.tenant,
        ),
    )


def expected_on(sender: Sender) -> dt.date | None:
    """Return the first day on which a sender was due after its last one; None: no habit."""
    habit = sender.habit
    if habit is None or sender.rhythm in (None, "once"):
        return None
    return due_after(sender.rhythm, habit, habit.last_day) or (
        habit.last_day + cycle_of(habit) * DAY
    )


def is_late(sender: Sender, due: dt.date, end: dt.date) -> bool:
    """Tell whether a sender that was due on a day is late at the end of the range."""
    habit = sender.habit
    assert habit is not None
    if sender.rhythm in ("monthly", "quarterly"):
        grace = LATE_DAYS if month_day(habit.runs(RUN_DAYS)) else 7
        return end >= due + grace * DAY and sender.quiet_days > grace
    long = sender.quiet_days > 2 * cycle_of(habit) and sender.quiet_days >= SHORTEST
    return long and habit.active_days >= LEAST_DAYS


def _changes(
    engine: Engine, scope: Scope, senders: Iterable[Sender]
) -> Mapping[tuple[str, str], Any]:
    told = ((s.key, s.figures["sources"], s.figures["longest_period"]) for s in senders)
    return {
        (str(row.tenant), str(row.sender_key)): row
        for as_kept, keys in by_what_is_kept(engine, scope, told)
        for row in rows_of(engine, "quiet", scope, as_kept=as_kept, of_few=True, keys=keys).named()
    }


def _row(quiet: _Quiet, change: Any, said: Said, knows_failures: bool) -> dict[str, Any]:
    sender = quiet.sender
    found = (
        "switch_blocked" in sender.breaks,
        change.tls_is_new,
        change.auth_is_new,
        change.failure_count,
    )
    return {
        "sender_address": sender.figures["sender_address"],
        "sender_domain": sender.figures["sender_domain"],
        "rhythm": sender.rhythm,
        "last_seen": sender.figures["last_seen"],
        "expected_on": quiet.expected_on,
        "quiet_days": sender.quiet_days,
        "message_count": sender.figures["message_count"],
        "changed": [code for code, is_so in zip(CHANGES, found, strict=True) if is_so],
        "allowed": sender.allowed,
        "last_tls": [*change.last_tls],
        "last_auth": [*change.last_auth],
        "failed_sign_in_count": int(change.failure_count) if knows_failures else None,
        "error_codes": [*(change.error_codes or [])],
        "owner": said.owner,
        "state": said.state,
        "note": said.note,
        "finding_id": quiet.finding_id,
        "source": sender.source,
        "tenant": sender.tenant,
    }


def beside_went_quiet(engine: Engine, scope: Scope) -> dict[str, Any]:
    """Return the statement that stands beside the rows, and untold_count.

    untold_count: senders whose source counts periods of several days, so that no rhythm is told.
    """
    quiet, senders = _quiet(engine, scope), senders_of(engine, scope)
    untold = sum(each.habit is None for each in senders)
    rare = sum(each.sender.rhythm in ("monthly", "quarterly") for each in quiet)
    statement = Sentence(
        "Senders that were due and sent nothing since: {n}; of them monthly or quarterly jobs: "
        "{rare}. Not told, for their source counts no days: {untold}.",
        n=len(quiet),
        rare=rare,
        untold=untold,
    )
    return {"untold_count": untold, "statement": statement if senders else NOTHING_LOADED}
