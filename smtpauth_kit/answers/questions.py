"""Every question by its name, and how one is asked with the conditions of its filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from smtpauth_kit.answers.counting import of_sources, what_counts
from smtpauth_kit.answers.coverage import loaded_periods, loaded_sign_ins
from smtpauth_kit.answers.days_before import (
    changed_senders,
    comparable,
    gone_senders,
    is_told,
    new_senders,
    sender_changes,
)
from smtpauth_kit.answers.devices import devices, devices_scope
from smtpauth_kit.answers.files import files, rejected
from smtpauth_kit.answers.findings.answer import beside_findings, check, findings, rule_statements
from smtpauth_kit.answers.insight import insight
from smtpauth_kit.answers.of_tenants import of_tenants
from smtpauth_kit.answers.pivots.who_else import who_else, who_else_statement
from smtpauth_kit.answers.readiness import relations
from smtpauth_kit.answers.readiness.answer import (
    beside_readiness,
    exceptions_over,
    readiness,
    readiness_scope,
)
from smtpauth_kit.answers.readiness.burn_down import beside_burn_down, burn_down
from smtpauth_kit.answers.readiness.never_seen import beside_never_seen, never_seen
from smtpauth_kit.answers.readiness.switch_off import beside_switch_off, switch_off
from smtpauth_kit.answers.readiness.went_quiet import beside_went_quiet, went_quiet
from smtpauth_kit.answers.reconciliation import reconciled_scope, reconciliation
from smtpauth_kit.answers.reconciliation.answer import reconciliation_statement
from smtpauth_kit.answers.scope import Scope, sql_of
from smtpauth_kit.answers.sender import sender
from smtpauth_kit.answers.sender_conditions import EVER_SEEN
from smtpauth_kit.answers.senders import senders
from smtpauth_kit.answers.settling import check_places, settle_scope
from smtpauth_kit.answers.sign_ins import sign_ins
from smtpauth_kit.answers.tabled import tabled
from smtpauth_kit.answers.telling import not_told
from smtpauth_kit.answers.tenants import beside_tenants, tenants, tenants_scope
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
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.store.rows import Rows

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Answer:
    """The rows of one answer, and the scope they hold in."""

    name: str
    scope: Scope
    rows: pd.DataFrame
    """Without columns where the answer cannot be given: no rows would say that there are none."""
    beside: Mapping[str, Any] = field(default_factory=dict)
    """What stands beside the rows, of all rows: conditions of `where` leave it as it is."""


Statement = tuple[str, Mapping[str, Any]]
"""The text of a statement, and its parameters."""


def _nothing(engine: Engine, scope: Scope) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Question:
    """How an answer is given: its rows, the scope they are asked in, what stands beside them."""

    rows: tabled[[Engine, Scope]]
    scope: Callable[[Engine, Filters], Scope] = settle_scope
    beside: Callable[[Engine, Scope], dict[str, Any]] = _nothing
    takes_places: bool = False
    """Whether the filters that name a place (an address, a network, a country) choose its rows."""
    sql: Callable[[Scope], Statement] | None = None
    """The statement with its figures; None: the one with its name."""
    made_sql: Callable[[Engine, Scope], list[Statement]] | None = None
    """The statements with its figures, where they are made of what is loaded."""

    def __call__(self, engine: Engine, scope: Scope) -> pd.DataFrame:
        """Return the rows of the answer in a scope."""
        return self.rows(engine, scope)


def _senders_sql(scope: Scope) -> Statement:
    return sql_of("senders_as_shown", scope)


def _insight_sql(scope: Scope) -> Statement:
    return sql_of("insight_of_sign_ins" if scope.accounts_from == "sign_ins" else "totals", scope)


def _of_readiness(name: str) -> Callable[[Scope], Statement]:
    return lambda scope: relations.statement(name, scope)


_ready_sql: Final = _of_readiness("figures")
"""The figures of each sender; what they are called is told by functions."""


def _compared_sql(engine: Engine, scope: Scope) -> list[Statement]:
    """Return what is compared; the reasons are reckoned from its columns."""
    asked = reconciliation_statement(engine, scope)
    return [asked] if asked else []


def _who_else_sql(engine: Engine, scope: Scope) -> list[Statement]:
    return [who_else_statement(engine, scope)]


def _all_loaded(engine: Engine, filters: Filters) -> Scope:
    """Return the scope of what tells of the files: of every source, and every day."""
    return Scope(
        filters.changed(start=None, end=None),
        start=None, end=None, oldest=None, newest=None, source=None, not_shown={},
    )  # fmt: skip


def _with_days_before(engine: Engine, filters: Filters) -> Scope:
    scope = settle_scope(engine, filters)
    return comparable(engine, scope) or scope


def _of_sign_ins(engine: Engine, filters: Filters) -> Scope:
    scope = settle_scope(engine, filters, about="sign_ins")
    shown = scope.sign_in_sources
    return replace(
        scope, source=scope.sign_in_source, not_shown={}, outside_window=(),
        cannot_tell=not_told(engine, shown, shown), auth_told_by=(), offers=(), parts=(), later={},
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


def _beside_findings(engine: Engine, scope: Scope) -> dict[str, Any]:
    """Return what stands beside the rows of findings: not_checked, exceptions_over."""
    over = exceptions_over(engine, scope.filters)
    return {**beside_findings(engine, scope), "exceptions_over": over}


QUESTIONS: Final[dict[str, Question]] = {
    "insight": Question(insight, sql=_insight_sql),
    "sending-volume": Question(sending_volume),
    "tls-usage": Question(tls_usage),
    "auth-usage": Question(auth_usage),
    "tls-by-day": Question(tls_by_day),
    "auth-by-day": Question(auth_by_day),
    "volume-by-sender": Question(volume_by_sender),
    "volume-by-domain": Question(volume_by_domain),
    "senders-by-tls": Question(senders_by_tls),
    "senders": Question(senders, sql=_senders_sql),
    "sender": Question(sender, sql=_senders_sql),
    "devices": Question(devices, devices_scope),
    "who-else": Question(who_else, _every_day, takes_places=True, made_sql=_who_else_sql),
    "new-senders": Question(new_senders, _with_days_before),
    "gone-senders": Question(gone_senders, _with_days_before),
    "changed-senders": Question(changed_senders, _with_days_before),
    "sender-changes": Question(sender_changes, _with_days_before),
    "sign-ins": Question(sign_ins, _of_sign_ins),
    "findings": Question(findings, _every_day, _beside_findings, made_sql=rule_statements),
    "reconciliation": Question(
        reconciliation,
        reconciled_scope,
        made_sql=lambda engine, scope: list(
            filter(None, [reconciliation_statement(engine, scope)])
        ),
    ),
    "readiness": Question(readiness, readiness_scope, beside_readiness, sql=_ready_sql),
    "switch-off": Question(switch_off, readiness_scope, beside_switch_off, sql=_ready_sql),
    "burn-down": Question(
        burn_down, readiness_scope, beside_burn_down, sql=_of_readiness("burn_down")
    ),
    "went-quiet": Question(went_quiet, readiness_scope, beside_went_quiet, sql=_ready_sql),
    "never-seen": Question(
        never_seen,
        readiness_scope,
        beside_never_seen,
        sql=_of_readiness("never_seen"),
    ),
    "tenants": Question(tenants, tenants_scope, beside_tenants),
    "files": Question(files, _all_loaded),
    "rejected": Question(rejected, _all_loaded),
}
"""How each answer is given, by its name."""


@dataclass(frozen=True)
class PlainAnswer:
    """The same with its rows as Python's own values."""

    name: str
    scope: Scope
    rows: Rows
    beside: Mapping[str, Any] = field(default_factory=dict)


@of_tenants
def ask(engine: Engine, name: str, filters: Filters = ALL) -> Answer:
    """Answer a question by its name, with the conditions of `filters.where` applied.

    Raises
    ------
    UsageError
        There is no such answer, or a condition names a column it does not have.
    """
    question = _question(name, filters)
    scope = question.scope(engine, filters)
    rows, beside = question.rows(engine, scope), question.beside(engine, scope)
    if not is_told(rows):
        return Answer(name, scope, rows)
    for clause in filters.where:
        cells = rows[_column(list(rows.columns), clause)]
        rows = rows.loc[[n for n, cell in cells.items() if holds(clause, cell)]]
    return Answer(name, scope, rows.reset_index(drop=True), beside)


@of_tenants
def ask_plain(engine: Engine, name: str, filters: Filters = ALL) -> PlainAnswer:
    """Answer a question as :func:`ask` does, with plain rows: pandas is not needed.

    Examples
    --------
    >>> ask_plain(store, "tls-usage", Filters(where=(Clause("share", ">", "0.5"),))).rows.records()
    [{'tls_version': '1.0', 'message_count': 2, 'share': 0.6666666666666666}]
    """
    question = _question(name, filters)
    scope = question.scope(engine, filters)
    rows, beside = question.rows.plain(engine, scope), question.beside(engine, scope)
    if not is_told(rows):
        return PlainAnswer(name, scope, rows)
    for clause in filters.where:
        cells = rows[_column(rows.columns, clause)]
        rows = rows.kept(holds(clause, cell) for cell in cells)
    return PlainAnswer(name, scope, rows, beside)


def _question(name: str, filters: Filters) -> Question:
    if name not in QUESTIONS:
        raise UsageError(
            "There is no answer {answer}. The answers are: {answers}.",
            answer=repr(name),
            answers=list(QUESTIONS),
        )
    if not QUESTIONS[name].takes_places:
        check_places(filters)
    return QUESTIONS[name]


def _column(columns: Sequence[str], clause: Clause) -> str:
    """Return the column that a condition is about."""
    if clause.field not in columns:
        raise UsageError(
            "The answer has no column {column}. Its columns: {columns}.",
            column=repr(clause.field),
            columns=list(columns),
        )
    # As on the screens: first seen is meant over all days loaded.
    meant = EVER_SEEN.get(clause.field, clause.field)
    return meant if meant in columns else clause.field
