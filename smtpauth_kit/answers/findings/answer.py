"""The answer `findings`: what is unusual, the one to look at first, first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from smtpauth_kit.answers.counting import WhatCounts, of_sources, what_counts
from smtpauth_kit.answers.findings import knowledge
from smtpauth_kit.answers.findings.inputs import Inputs
from smtpauth_kit.answers.findings.joining import Finding
from smtpauth_kit.answers.findings.judging import Judged, judge, unmet_needs
from smtpauth_kit.answers.findings.kept import kept
from smtpauth_kit.answers.findings.rule import RULES, SEVERITIES, Rule, needs_texts
from smtpauth_kit.answers.findings.saying import sentence
from smtpauth_kit.answers.findings.states import STATES, State, check_rule, states
from smtpauth_kit.answers.of_tenants import of_tenants
from smtpauth_kit.answers.pulled import check_held
from smtpauth_kit.answers.scope import Scope
from smtpauth_kit.answers.tabled import tabled
from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.base.hearing import hearer
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.store.rows import Rows
from smtpauth_kit.values import addresses
from smtpauth_kit.words.words import speak

_OF_DAYS: Final = frozenset({"messages", "days_of_messages", "days_of_sign_ins"})
"""Needs of rules that counts by day meet."""

COLUMNS: Final = (
    "finding_id", "rule", "severity", "subject_kind", "subject", "first_seen", "last_seen",
    "measured", "expected", "evidence_count", "sentence", "sources", "state", "note",
    "incident_id", "accounts", "tenant",
)  # fmt: skip


@tabled
def findings(engine: Engine, scope: Scope) -> Rows:
    """Return what is unusual in all days loaded, the one to look at first, first.

    Returns
    -------
    DataFrame
        One row per finding, with `COLUMNS`. first_seen and last_seen are instants (UTC), or days
        where the source has only days; `measured` and `expected` are of the rule's own unit, which
        the sentence names (English). The filters choose rows; what is usual is learned from
        everything.

    Raises
    ------
    UsageError
        There is no such rule, severity or state, or a filter that findings have not.

    Examples
    --------
    >>> len(findings(store, settle_scope(store)))
    0
    """
    chosen = listed(engine, scope.filters)
    words = speak("en")
    rows = [row_of(finding, state, sentence(finding, words)) for finding, state in chosen]
    return Rows.of_records(COLUMNS, rows)


@of_tenants
def listed(engine: Engine, filters: Filters) -> list[tuple[Finding, State]]:
    """Return the findings that filters choose, each with what was said of it."""
    check(filters)
    found = judged(engine, filters).findings
    said = states(engine, found)
    return [(f, said[f.finding_id]) for f in found if _is_chosen(f, said[f.finding_id], filters)]


@of_tenants
def not_checked(engine: Engine, filters: Filters, language: str = "en") -> list[dict[str, Any]]:
    """Return the rules that could not be asked: rule, needs, and why in words."""
    texts = needs_texts()
    return [
        {
            "rule": rule,
            "needs": list(needs),
            "why": " ".join(texts[need].get(language, texts[need]["en"]) for need in needs),
        }
        for rule, needs in judged(engine, filters).not_checked
        if not filters.rules or rule in filters.rules
    ]


def beside_findings(engine: Engine, scope: Scope) -> dict[str, Any]:
    """Return what stands beside the rows of findings: not_checked."""
    return {"not_checked": not_checked(engine, scope.filters)}


def judged(engine: Engine, filters: Filters) -> Judged:
    """Return what all rules found, of the source that the filters ask for.

    Where that was not found before, who listens (`heard_by`) hears what share of the judging is
    done.
    """
    key = ("judged", filters.source, knowledge.fingerprint())
    if engine.tenants is None:
        return engine.found_once(key, lambda: _judged(engine, filters.source, RULES.values()))
    return engine.found_once(key, lambda: _judged_of(engine, filters))


def _judged_of(engine: Engine, filters: Filters) -> Judged:
    """Return what was found of some tenants: each is judged by its own rows, whoever is asked of.

    What could not be checked is told by what these tenants have loaded.
    """
    found = judged(engine.whole, filters).findings
    with engine.asking() as session:
        unmet = unmet_needs(session, _counts(session, filters.source))
    return Judged(tuple(each for each in found if _is_of(engine, each)), unmet)


def found_by_rule(engine: Engine, filters: Filters, rule: str) -> tuple[Finding, ...]:
    """Return what one rule found; where the store keeps no findings, no other rule is asked.

    Its findings are those among all, but for their incidents, which several rules make.
    """
    key = ("found_by", rule, filters.source, knowledge.fingerprint())
    whole = engine.whole
    found = whole.found_once(key, lambda: _judged(whole, filters.source, [RULES[rule]])).findings
    return tuple(each for each in found if each.rule == rule and _is_of(engine, each))


def _is_of(engine: Engine, finding: Finding) -> bool:
    return engine.tenants is None or finding.tenant in engine.tenants


def _judged(engine: Engine, source: str, rules: Iterable[Rule]) -> Judged:
    with engine.asking() as session:
        if source == "auto" and (known := kept(session)):
            return known
        if any(set(rule.needs) - _OF_DAYS for rule in rules):
            check_held(session, "findings")
        return judge(session, _counts(session, source), hearer(), rules)


def _counts(engine: Engine, source: str) -> WhatCounts:
    return what_counts(engine) if source == "auto" else of_sources(engine, source)


def check(filters: Filters) -> None:
    """Refuse filters that findings have not.

    Raises
    ------
    UsageError
        There is no such rule, severity or state; or days of another zone, or senders by their
        counts, are asked for.
    """
    for rule in filters.rules:
        check_rule(rule)
    for name, given, known in (
        ("severity", filters.severities, SEVERITIES),
        ("state", (filters.state,), (*STATES, "all")),
    ):
        for wrong in set(given) - set(known):
            raise UsageError(
                "There is no {name} {wrong}. Expected {known}.",
                name=name,
                wrong=repr(wrong),
                known=list(known),
            )
    for option, unusual in (
        ("--timezone", filters.timezone != "UTC"),
        ("--min-messages", filters.min_messages > 0),
        ("--senders", bool(filters.senders)),
    ):
        if unusual:
            raise UsageError(
                "Findings are judged of all senders, in days of UTC: leave {option} out.",
                option=option,
            )


def _is_chosen(finding: Finding, state: State, filters: Filters) -> bool:
    end = filters.end or filters.as_of
    return (
        (not filters.rules or finding.rule in filters.rules)
        and (not filters.severities or finding.severity in filters.severities)
        and filters.state in ("all", state.state)
        and (filters.start is None or finding.last_seen.date() >= filters.start)
        and (end is None or finding.first_seen.date() <= end)
        and _is_of_sender(finding, filters.sender)
        and _is_of_domains(finding, filters.domains)
    )


def _is_of_sender(finding: Finding, sender: str | None) -> bool:
    if not sender:
        return True
    return addresses.account(sender)[1] in (finding.subject, *finding.accounts)


def _is_of_domains(finding: Finding, domains: Sequence[str]) -> bool:
    wanted = {addresses.domain_key(domain) for domain in domains}
    found = {each.rpartition("@")[2] for each in (finding.subject, *finding.accounts)}
    return not wanted or bool(wanted & found)


def row_of(finding: Finding, state: State, text: str) -> dict[str, Any]:
    """Return a finding as a row of the answer."""
    return {
        "finding_id": finding.finding_id,
        "rule": finding.rule,
        "severity": finding.severity,
        "subject_kind": finding.subject_kind,
        "subject": finding.subject,
        "first_seen": seen(finding, finding.first_seen),
        "last_seen": seen(finding, finding.last_seen),
        "measured": _number(finding.measured),
        "expected": None if finding.expected is None else _number(finding.expected),
        "evidence_count": finding.evidence_count,
        "sentence": text,
        "sources": list(finding.sources),
        "state": state.state,
        "note": state.note,
        "incident_id": finding.incident_id,
        "accounts": list(finding.accounts),
        "tenant": finding.tenant,
    }


def seen(finding: Finding, at: dt.datetime) -> dt.datetime | dt.date:
    """Return an instant, or its day where the source has only days."""
    return at.date() if finding.is_day else at


def _number(value: float) -> float | int:
    return int(value) if value == int(value) else round(value, 2)


def rule_texts(rule: str, language: str) -> dict[str, str]:
    """Return all texts of a rule in a language."""
    parts = RULES[rule].texts["en"]
    return {part: RULES[rule].text(language, part) for part in parts}


@of_tenants
def rule_statements(engine: Engine, scope: Scope) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the complete SQL of each rule asked for; days and values as they are judged."""
    inputs = Inputs(engine)
    rules = [RULES[name] for name in scope.filters.rules or RULES]
    return [(inputs.complete(rule.sql), rule.parameters()) for rule in rules]
