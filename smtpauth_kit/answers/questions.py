"""Every question by its name, and how one is asked with the conditions of its filters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from smtpauth_kit.answers.counting import of_sources, what_counts
from smtpauth_kit.answers.coverage import loaded_periods, loaded_sign_ins, what_is_not_told
from smtpauth_kit.answers.days_before import (
    COMPARED,
    changed_senders,
    comparable,
    gone_senders,
    is_told,
    new_senders,
    sender_changes,
)
from smtpauth_kit.answers.devices import devices, devices_scope
from smtpauth_kit.answers.files import files, rejected
from smtpauth_kit.answers.findings.answer import check, findings
from smtpauth_kit.answers.insight import insight
from smtpauth_kit.answers.pivots.who_else import who_else
from smtpauth_kit.answers.reconciliation import reconciled_scope, reconciliation
from smtpauth_kit.answers.scope import Scope
from smtpauth_kit.answers.sender import sender
from smtpauth_kit.answers.sender_conditions import EVER_SEEN
from smtpauth_kit.answers.senders import senders
from smtpauth_kit.answers.settling import check_places, settle_scope
from smtpauth_kit.answers.sign_ins import sign_ins
from smtpauth_kit.answers.usage import (
    auth_by_day,
    auth_usage,
    senders_by_tls,
    tls_by_day,
    tls_usage,
)
from smtpauth_kit.answers.volume import sending_volume, volume_by_domain, volume_by_sender
from smtpauth_kit.base.conditions import Clause, holds
from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filters import ALL, Filters
from smtpauth_kit.base.names import SOURCES
from smtpauth_kit.store.engine import Engine, at_one_moment

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Answer:
    """The rows of one answer, and the scope they hold in."""

    name: str
    scope: Scope
    rows: pd.DataFrame
    """Without columns where the answer cannot be given: no rows would say that there are none."""


QUESTIONS: Final[dict[str, Callable[[Engine, Scope], pd.DataFrame]]] = {
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
    "devices": devices,
    "who-else": who_else,
    "new-senders": new_senders,
    "gone-senders": gone_senders,
    "changed-senders": changed_senders,
    "sender-changes": sender_changes,
    "sign-ins": sign_ins,
    "findings": findings,
    "reconciliation": reconciliation,
    "files": files,
    "rejected": rejected,
}
"""What answers each question in a scope, by the question's name."""

_OWN_SCOPE: Final[dict[str, Callable[[Engine, Filters], Scope]]] = {
    "devices": devices_scope,
    "reconciliation": reconciled_scope,
}
"""What settles the scope of questions that have days and sources of their own."""


@at_one_moment
def ask(engine: Engine, name: str, filters: Filters = ALL) -> Answer:
    """Answer a question by its name, with the conditions of `filters.where` applied.

    Raises
    ------
    UsageError
        There is no such answer, or a condition names a column it does not have.
    """
    if name not in QUESTIONS:
        raise UsageError(
            "There is no answer {answer}. The answers are: {answers}.",
            answer=repr(name),
            answers=list(QUESTIONS),
        )
    if name != "who-else":
        check_places(filters)
    scope = _scope_of(engine, name, filters)
    rows = QUESTIONS[name](engine, scope)
    if not is_told(rows):
        return Answer(name, scope, rows)
    for clause in filters.where:
        kept = [holds(clause, value) for value in _column(rows, clause)]
        rows = rows.loc[[n for n, keep in zip(rows.index, kept, strict=True) if keep]]
    return Answer(name, scope, rows.reset_index(drop=True))


def _scope_of(engine: Engine, name: str, filters: Filters) -> Scope:
    if name in ("files", "rejected"):
        # They show all that was loaded, from every source and for every day.
        return Scope(
            filters.changed(start=None, end=None),
            start=None, end=None, oldest=None, newest=None, source=None, not_shown={},
        )  # fmt: skip
    if name in ("findings", "who-else"):
        return _every_day(engine, filters)
    if name in _OWN_SCOPE:
        return _OWN_SCOPE[name](engine, filters)
    if name in COMPARED:
        scope = settle_scope(engine, filters)
        return comparable(engine, scope) or scope
    if name != "sign-ins":
        return settle_scope(engine, filters)
    scope = settle_scope(engine, filters, about="sign_ins")
    source = scope.sign_in_source
    told = what_is_not_told(engine, source)
    return replace(
        scope, source=source, not_shown={}, outside_window=(), cannot_tell=told, auth_told_by=(),
        offers=(), parts=(), later={},
    )  # fmt: skip


def _every_day(engine: Engine, filters: Filters) -> Scope:
    """Return the scope of all days loaded: findings are judged of these, whatever is listed."""
    check(filters)
    counts = what_counts(engine) if filters.source == "auto" else of_sources(engine, filters.source)
    periods, _ = loaded_periods(engine, ALL)
    days = [p.start for p in periods] + [p.end for p in periods]
    sign_ins, _ = loaded_sign_ins(engine, ALL)
    days += [each.day for each in sign_ins]
    oldest, newest = (min(days), max(days)) if days else (None, None)
    named = {source for _, source in (*counts.sources, *counts.sign_in_sources)}
    return Scope(
        filters, filters.start or oldest, filters.end or filters.as_of or newest, oldest, newest,
        "+".join(sorted(named, key=SOURCES.index)) or None, {}, sources=counts.sources,
        sign_in_sources=counts.sign_in_sources, counted=counts.periods,
    )  # fmt: skip


def _column(rows: pd.DataFrame, clause: Clause) -> pd.Series[Any]:
    if clause.field not in rows.columns:
        raise UsageError(
            "The answer has no column {column}. Its columns: {columns}.",
            column=repr(clause.field),
            columns=list(rows.columns),
        )
    # As on the screens: first seen is meant over all days loaded.
    meant = EVER_SEEN.get(clause.field, clause.field)
    return rows[meant if meant in rows.columns else clause.field]
