"""The answer `readiness`: who stops sending when Basic auth or old TLS goes, the hardest first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any, Final

from smtpauth_kit.answers.readiness.judging import (
    NOTHING_LOADED,
    Sender,
    found_for,
    found_with,
    senders_of,
)
from smtpauth_kit.answers.readiness.kept import NOTHING_SAID, Said, accepted_by, said_of
from smtpauth_kit.answers.scope import Scope
from smtpauth_kit.answers.settling import settle_scope
from smtpauth_kit.answers.tabled import tabled
from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filters import ALL, Filters
from smtpauth_kit.base.sentences import Sentence
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.store.rows import Rows
from smtpauth_kit.words.words import UNTOLD

COLUMNS: Final = (
    "sender_address", "sender_domain", "message_count", "basic_count", "oauth_count",
    "unknown_auth_count", "legacy_tls_count", "none_tls_count", "first_seen", "last_seen",
    "last_basic", "last_legacy_tls", "active_days", "rhythm", "next_expected", "client_ip_count",
    "allowed", "breaks", "moved", "way_out", "way_out_reason", "owner", "state", "due_date",
    "note", "source", "tenant",
)  # fmt: skip

_UNSEEN: Final = ("quarterly", "monthly")
"""Jobs that are missed only when it is too late, as what is silent until it matters."""

_LOUDNESS: Final = {"once": 1, "weekly": 2, "irregular": 2, "weekdays": 3, "daily": 3}
"""How soon somebody sees that a sender of each rhythm is broken: what is silent has 0."""


@tabled
def readiness(engine: Engine, scope: Scope) -> Rows:
    """Return who used Basic, unknown authentication, TLS 1.0/1.1 or no TLS, the hardest first.

    Returns
    -------
    DataFrame
        One row per sender. First those that break and may not stay (past the day until which they
        were accepted first of all): what is silent until it matters (an alarm, a UPS, a backup; a
        quarterly or monthly job), then what was seen once, then weekly, then daily senders; in each
        the rarer first, then the busier. Then those that are accepted, then those that moved.

        ==================  ======================================================================
        sender_address      as it came
        sender_domain       lower case, IDNA
        message_count       messages of the range, of one source: see `source`
        basic_count         of them with Basic auth; oauth_count, unknown_auth_count alike. None
                            where no message of the sender states either
        legacy_tls_count    of them over TLS 1.0 or 1.1; None where none states its version
        none_tls_count      of them without TLS; None where the source cannot tell
        first_seen          first and last_seen: days of the range; of a report the ends of its
                            periods
        last_basic          last day (of a report: last day of the period) with Basic auth, of
                            the range or of the 30 days that `breaks` looks at;
                            last_legacy_tls alike; None: none
        active_days         days with a message; None where the source counts longer periods
        rhythm              one of `rhythm.RHYTHMS`; None where the source counts longer periods
        next_expected       first day after the range on which it is due; None: it has no rhythm,
                            or was quiet for 30 days and two of its own cycles
        client_ip_count     addresses it sent from; None where the source names none
        allowed             blocked, allowed, inherits_blocked, inherits_allowed or unknown: the
                            newest setting of the account(s) that sign in (where the source names
                            none, of the sender), resolved against the tenant's; of several the
                            most blocked. Unknown: no mailbox exported, or it inherits and the
                            tenant's setting is not loaded
        breaks              list of basic_off, legacy_tls_refused, cleartext_refused,
                            switch_blocked, auth_unknown, in this order: of the 30 days that end
                            with the range; of who sent nothing in them, of its own last 30 days.
                            Of a report every period that reaches into them counts
        moved               none of these (but switch_blocked) is left in those 30 days
        way_out             one of `way_out.WAYS_OUT`; way_out_reason: why, in a sentence, English
        owner               what people said, as are state (one of `kept.STATES`), due_date, note;
                            None: nothing
        source              where its figures come from: the source that tells the authentication,
                            or the one that alone sees this sender
        tenant              the label it was loaded with; a sender address of two tenants is a row
                            of each. What people said is of the address: it is one person's to know
        ==================  ======================================================================

    Raises
    ------
    UsageError
        A filter that readiness has not: days of another zone.

    Examples
    --------
    >>> rows = readiness(store, readiness_scope(store))
    >>> rows[["sender_address", "basic_count", "breaks", "moved"]].values.tolist()
    [['scanner@contoso.com', 2, ['basic_off', 'legacy_tls_refused'], False]]
    """
    said = said_of(engine.settings_place)

    def find() -> Rows:
        found = at_stake(engine, scope, said)
        return Rows(COLUMNS, (_cells(each, said.get(each.key, NOTHING_SAID)) for each in found))

    return found_with(engine, scope, "rows", said, find).with_lists("breaks")


def at_stake(engine: Engine, scope: Scope, said: Mapping[str, Said]) -> list[Sender]:
    """Return the senders of readiness, the hardest first."""

    def find() -> list[Sender]:
        end = scope.end or dt.date.max
        senders = (each for each in senders_of(engine, scope) if each.is_at_stake)
        placed = [(_hardest_first(s, said.get(s.key, NOTHING_SAID), end), s) for s in senders]
        return [sender for _, sender in sorted(placed, key=itemgetter(0))]

    return found_with(engine, scope, "at_stake", said, find)


def _hardest_first(sender: Sender, said: Said, end: dt.date) -> tuple[Any, ...]:
    is_silent = sender.family is not None and sender.family.is_silent
    loudness = 0 if is_silent or sender.rhythm in _UNSEEN else _LOUDNESS.get(sender.rhythm or "", 1)
    active = sender.figures["active_days"]
    place = 2 if sender.moved else 1 if said.is_exception(end) else 0
    return (
        place,
        not said.is_exception_over(end),
        loudness,
        0 if active is None else int(active),
        -int(sender.figures["message_count"]),
        sender.key,
        sender.tenant,
    )


def _states_no_tls(sender: Sender) -> bool:
    return bool(sender.figures["unknown_tls_count"] == sender.figures["message_count"])


def _may_be_clear(sender: Sender) -> bool:
    """Tell whether its messages of no stated version may have gone without TLS."""
    figures = sender.figures
    is_open = figures["unknown_tls_count"] and not figures["none_tls_count"]
    return bool(is_open) and not sender.says_none


def _cells(sender: Sender, said: Said) -> tuple[Any, ...]:
    """Return a sender as a row of the answer, in the order of `COLUMNS`."""
    figures = sender.figures
    total, untold = figures["message_count"], figures["unknown_auth_count"]
    way = sender.way_out
    return (
        figures["sender_address"],
        figures["sender_domain"],
        total,
        None if untold == total else figures["basic_count"],
        None if untold == total else figures["oauth_count"],
        untold,
        None if _states_no_tls(sender) else figures["legacy_tls_count"],
        None if _states_no_tls(sender) or _may_be_clear(sender) else figures["none_tls_count"],
        figures["first_seen"],
        figures["last_seen"],
        figures["last_basic"],
        figures["last_legacy_tls"],
        sender.habit.active_days if sender.habit else None,
        sender.rhythm,
        sender.next_expected,
        int(figures["client_ip_count"]) or None,
        sender.allowed,
        sender.breaks,
        sender.moved,
        way.way,
        way.reason,
        said.owner,
        said.state,
        said.due_date,
        said.note,
        sender.source,
        sender.tenant,
    )


def beside_readiness(engine: Engine, scope: Scope) -> dict[str, Any]:
    """Return what stands beside the rows of readiness: statement, exceptions.

    exceptions: of each accepted sender: sender_address, until (None: for good), is_over (the range
    ends after that day, and it still breaks), said_by, said_at (UTC), note. One that is over is a
    finding: it stands first among the rows, and in the statement.
    """
    said = said_of(engine.settings_place)
    found = at_stake(engine, scope, said)
    exceptions = _exceptions(engine, scope, found, said)
    counts = found_for(engine, scope, "counts", lambda: _counts(found))
    statement = _statement(counts, exceptions) if senders_of(engine, scope) else NOTHING_LOADED
    return {"statement": statement, "exceptions": exceptions}


def exceptions_over(engine: Engine, filters: Filters = ALL) -> list[dict[str, Any]]:
    """Return the exceptions that are past their day, of a sender that still breaks: findings, too.

    As `exceptions` of :func:`beside_readiness` has them, of the senders and up to the day asked
    for. No rule finds them in exports: they are what people said, and did not come true.

    Examples
    --------
    >>> exceptions_over(store)
    []
    """
    if not any(
        s.state == "accepted" and s.due_date for s in said_of(engine.settings_place).values()
    ):
        return []
    asked = Filters(
        tenants=filters.tenants, domains=filters.domains, sender=filters.sender,
        end=filters.end, as_of=filters.as_of,
    )  # fmt: skip
    beside = beside_readiness(engine, readiness_scope(engine, asked))
    return [each for each in beside["exceptions"] if each["is_over"]]


def _exceptions(
    engine: Engine, scope: Scope, found: list[Sender], said: Mapping[str, Said]
) -> list[dict[str, Any]]:
    place, end = engine.settings_place, scope.end
    dated = [s for s in found if s.key in said and said[s.key].state == "accepted"]
    if place is None or end is None or not dated:
        return []
    by = accepted_by(place, [sender.key for sender in dated])
    return [
        {
            "sender_address": sender.figures["sender_address"],
            "until": said[sender.key].due_date,
            "is_over": said[sender.key].is_exception_over(end) and not sender.moved,
            "said_by": by[sender.key].changed_by if sender.key in by else None,
            "said_at": _utc(by[sender.key].changed_at) if sender.key in by else None,
            "note": said[sender.key].note,
        }
        for sender in dated
    ]


def _utc(at: dt.datetime) -> dt.datetime:
    return at.astimezone(dt.UTC).replace(tzinfo=None)


def _counts(found: list[Sender]) -> dict[str, int | str]:
    """Return how many senders stop by what, and how many have moved."""

    def count(code: str) -> int:
        return sum(code in sender.breaks for sender in found)

    def told(code: str, is_untold: Callable[[Sender], bool]) -> int | str:
        """Return how many break so; where none does, but some may, that nobody tells."""
        return count(code) or (UNTOLD if any(map(is_untold, found)) else 0)

    return {
        "basic": count("basic_off"),
        "legacy": told("legacy_tls_refused", _states_no_tls),
        "clear": told("cleartext_refused", _may_be_clear),
        "unknown": count("auth_unknown"),
        "moved": sum(sender.moved for sender in found),
    }


def _statement(counts: Mapping[str, int | str], exceptions: list[dict[str, Any]]) -> Sentence:
    text = Sentence(
        "Senders that stop: {basic} when Basic auth goes, {legacy} when TLS 1.0 and 1.1 go, "
        "{clear} without TLS; of {unknown} no source tells the authentication. {moved} have moved.",
        **counts,
    )
    over = [each["sender_address"] for each in exceptions if each["is_over"]]
    if not over:
        return text
    return Sentence(
        "{statement} Past the day until which they were accepted: {senders}.",
        statement=text,
        senders=over,
    )


def readiness_scope(engine: Engine, filters: Filters = ALL) -> Scope:
    """Return the scope of readiness: every day loaded, by the source that tells authentication.

    Raises
    ------
    UsageError
        The filters ask for days of another zone, or do not fit (see `settle_scope`).

    Examples
    --------
    >>> scope = readiness_scope(store)
    >>> scope.source, scope.start
    ('submission_log', datetime.date(2026, 11, 16))
    """
    if filters.timezone != "UTC":
        raise UsageError(
            "Readiness counts in days of UTC, as the switch-off does: leave {option} out.",
            option="--timezone",
        )
    return settle_scope(engine, filters, about="authentication")
