"""Findings as people read them: the list of incidents, the story of one, what was not checked.

Screens, pages, sheets and mails show these same texts, columns and rows; `finding_proof.py` has
what a finding is proved by.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from smtpauth_kit.answers.findings import answer
from smtpauth_kit.answers.findings.incidents import Incident, incidents
from smtpauth_kit.answers.findings.joining import Finding
from smtpauth_kit.answers.findings.rule import RULES, SEVERITIES, needs_texts
from smtpauth_kit.answers.findings.saying import sentence
from smtpauth_kit.answers.findings.states import State, states
from smtpauth_kit.answers.of_tenants import loaded_tenants, of_tenants
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.views.details_table import Column
from smtpauth_kit.views.filter_words import source_title, tenant_title
from smtpauth_kit.views.sender_card import days_text
from smtpauth_kit.words.words import Words

MARKS: Final = {"high": "\u25b2", "medium": "\u25c6", "low": "\u25cf"}
"""The sign of each severity: it is never told by colour alone."""

SEVERITY_TITLES: Final = {"high": "High", "medium": "Medium", "low": "Low"}
STATE_TITLES: Final = {"new": "New", "acknowledged": "Acknowledged", "allowed": "Allowed"}
"""Keys of the words."""


@dataclass(frozen=True)
class Found:
    """The incidents that filters choose, and what could not be checked."""

    incidents: tuple[Incident, ...]
    """The one to look at first, first."""
    states: Mapping[str, State]
    """What was said of every finding of theirs, and of those related, by its id."""
    chosen: frozenset[str]
    """Ids of the findings that the filters choose: others of the same incidents are context."""
    not_checked: tuple[dict[str, Any], ...]
    """As `answers.findings.answer.not_checked`, in English."""
    rule_count: int
    """How many rules could be asked, of those that the filters choose."""
    is_anything_loaded: bool

    def state(self, incident: Incident) -> State:
        """Return what was said of an incident: new while one of its own findings is.

        Else what was said last of them: acknowledged before allowed, with its note.
        """
        own = [self.states[finding.finding_id] for finding in incident.findings]
        for name in ("new", "acknowledged"):
            if named := [state for state in own if state.state == name]:
                return named[0]
        return own[0]

    def severity(self, incident: Incident) -> str:
        """Return the severity of what is still new of an incident; where nothing is, its own."""
        return self.strongest(incident).severity

    def strongest(self, incident: Incident) -> Finding:
        """Return the finding that stands for an incident: of new ones the one to look at first."""
        new = [f for f in incident.findings if self.states[f.finding_id].state == "new"]
        return min(new or incident.findings, key=place)

    def urgency(self, incident: Incident) -> str:
        """Return the severity of its strongest new finding that the filters choose; empty: none.

        What was looked at makes nothing urgent: neither `findings --new`, a mail nor a screen.
        """
        new = {
            finding.severity
            for finding in incident.findings
            if finding.finding_id in self.chosen and self.states[finding.finding_id].state == "new"
        }
        return next((severity for severity in SEVERITIES if severity in new), "")


@of_tenants
def find(engine: Engine, filters: Filters) -> Found:
    """Return what is unusual, as incidents: those with a finding that the filters choose.

    The incidents that nobody has said anything of come first.

    Raises
    ------
    UsageError
        There is no such rule, severity or state, or a filter that findings have not.

    Examples
    --------
    >>> found = find(store, Filters())
    >>> found.incidents, found.rule_count, found.not_checked[0]["rule"]
    ((), 1, 'volume_spike')
    """
    answer.check(filters)
    judged = _of_tenants_told(answer.judged(engine, filters).findings, engine)
    chosen = {finding.finding_id for finding, _ in answer.listed(engine, filters)}
    all_ = [
        incident
        for incident in incidents(judged)
        if any(finding.finding_id in chosen for finding in incident.findings)
    ]
    asked = [rule for rule in RULES if not filters.rules or rule in filters.rules]
    lacking = answer.not_checked(engine, filters)
    found = Found(
        tuple(all_),
        states(engine, [finding for incident in all_ for finding in incident.story]),
        frozenset(chosen),
        tuple(lacking),
        len(asked) - len(lacking),
        bool(engine.rows("select count(*) as n from source_files").first()["n"]),
    )
    new_first = sorted(
        all_,
        key=lambda incident: (
            found.state(incident).state != "new", SEVERITIES.index(found.severity(incident))
        ),
    )  # fmt: skip
    return replace(found, incidents=tuple(new_first))


def _of_tenants_told(findings: Iterable[Finding], engine: Engine) -> Iterable[Finding]:
    """Return findings that name their tenant where the engine knows several."""
    known = loaded_tenants(engine) if engine.tenants is None else engine.tenants
    if len(known) < 2:
        return findings
    return [replace(finding, is_of_several=True) for finding in findings]


# --- texts ------------------------------------------------------------------------------------


def severity_text(severity: str, words: Words) -> str:
    """Return a severity as a mark and a word.

    >>> from smtpauth_kit.words.words import speak
    >>> severity_text("high", speak("en")), severity_text("low", speak("nl"))
    ('\u25b2 High', '\u25cf Laag')
    """
    return f"{MARKS[severity]} {words(SEVERITY_TITLES[severity])}"


def subject_text(of: Finding | Incident, words: Words) -> str:
    """Return whom a finding or an incident is about, among several tenants with its own.

    Of a tenant without a name it says that it is one.
    """
    if of.subject_kind == "tenant":
        return of.tenant or words("The tenant")
    if not of.is_of_several:
        return of.subject
    return f"{of.subject} ({tenant_title(of.tenant, words)})"


def when_text(of: Finding | Incident, words: Words) -> str:
    """Return the day or days of a finding or an incident."""
    return days_text(of.first_seen.date(), of.last_seen.date(), words)


def at_text(finding: Finding, words: Words) -> str:
    """Return when a finding began, with the time (UTC) where its source has times."""
    day = words.date(finding.first_seen.date())
    return day if finding.is_day else f"{day}, {finding.first_seen:%H:%M}"


def state_text(state: State, words: Words) -> str:
    """Return a state, with its note where there is one: "Allowed: the announced campaign"."""
    title = words(STATE_TITLES[state.state])
    return f"{title}: {state.note}" if state.note else title


def texts(rule: str, words: Words) -> list[dict[str, str]]:
    """Return what a rule says of its findings: {part, heading, text}; what to check next, first."""
    headings = {
        "next": words("What to check next"),
        "meaning": words("What it means"),
        "why": words("Why it matters"),
        "innocent": words("Usual innocent causes"),
    }
    return [
        {"part": part, "heading": heading, "text": RULES[rule].text(words.language, part)}
        for part, heading in headings.items()
    ]


def title(rule: str, words: Words) -> str:
    """Return what a rule is called."""
    return RULES[rule].text(words.language, "title")


def summary(found: Found, words: Words) -> str:
    """Say how much there is to look at: what is new, by severity.

    >>> from smtpauth_kit.words.words import speak
    >>> summary(find(store, Filters()), speak("en"))
    'Nothing unusual was found.'
    """
    urgent = [found.urgency(incident) for incident in found.incidents]
    counts = {name: urgent.count(name) for name in SEVERITIES}
    if not found.incidents:
        return words("Nothing unusual was found.")
    said = [words("{n} incidents to look at today", n=counts["high"])]
    if counts["medium"]:
        said.append(words("{n} this week", n=counts["medium"]))
    if counts["low"]:
        said.append(words("{n} to know", n=counts["low"]))
    if seen := urgent.count(""):
        said.append(words("{n} done", n=seen))
    return f"{', '.join(said)}."


def checked(found: Found, days: tuple[dt.date | None, dt.date | None], words: Words) -> str:
    """Say what was judged: which days, by how many of the rules; empty where nothing is loaded."""
    first, last = days
    if not found.is_anything_loaded or first is None or last is None:
        return ""
    rules = found.rule_count + len(found.not_checked)
    return words(
        "Judged: all days loaded, {days}, by {n} of {all} rules.",
        days=days_text(first, last, words), n=found.rule_count, all=rules,
    )  # fmt: skip


def headline(found: Found, filters: Filters, words: Words) -> str:
    """Return the first line of a list of incidents: its summary, or why there is none.

    >>> from smtpauth_kit.words.words import speak
    >>> asked = Filters(severities=("high",))
    >>> headline(find(store, asked), asked, speak("en"))
    'No incident matches these choices.'
    """
    return why_empty(found, filters, words).get("text") or summary(found, words)


NOTHING_CHOSEN: Final[dict[str, Any]] = {
    "severities": (), "state": "all", "rules": (), "domains": (), "start": None, "end": None,
    "as_of": None, "sender": None,
}  # fmt: skip
"""The filters that choose among findings, with nothing chosen."""


def why_empty(found: Found, filters: Filters, words: Words) -> dict[str, str]:
    """Say why there is no incident: text, and drop and action where something leads on.

    `drop` is "all" (of the choices) or "source". Empty where there are incidents.
    """
    if found.incidents:
        return {}
    if not found.is_anything_loaded:
        said = words('Nothing is loaded yet. Load your exports: sk.load(store, "data/exports").')
        return {"text": said}
    if found.rule_count == 0 and filters.source != "auto":
        return {
            "text": words(
                "Nothing could be judged of the {source} alone: it tells too little.",
                source=source_title(filters.source, words),
            ),
            "drop": "source",
            "action": words("Judge all that is loaded"),
        }
    if any(getattr(filters, name) != no for name, no in NOTHING_CHOSEN.items()):
        return {
            "text": words("No incident matches these choices."),
            "drop": "all",
            "action": words("Take all off"),
        }
    if found.rule_count == 0:
        return {"text": words("Nothing can be judged yet: below is what each rule needs.")}
    return {"text": words("Nothing unusual was found.")}


# --- rows -------------------------------------------------------------------------------------


def columns(words: Words) -> tuple[Column, ...]:
    """Return the columns of the list of incidents."""
    return (
        Column("severity", words("Severity"), "severity", ("severity", "level")),
        Column("happened", words("What happened")),
        Column("subject", words("Subject")),
        Column("state", words("State")),
        Column("first_day", words("First day"), "date"),
        Column("last_day", words("Last day"), "date"),
    )


def rows(found: Found, words: Words) -> list[dict[str, Any]]:
    """Return the list of incidents: the columns' cells, and incident_id, level, rule, next, note.

    What happened is what the strongest finding still new says; `level` is its severity's name.
    """
    return [_row(incident, found, words) for incident in found.incidents]


def _row(incident: Incident, found: Found, words: Words) -> dict[str, Any]:
    top, state = found.strongest(incident), found.state(incident)
    return {
        "incident_id": incident.incident_id,
        "level": top.severity,
        "severity": severity_text(top.severity, words),
        "rule": top.rule,
        "happened": f"{title(top.rule, words)}: {sentence(top, words)}",
        "subject": subject_text(incident, words),
        "first_day": incident.first_seen.date(),
        "last_day": incident.last_seen.date(),
        "finding_count": len(incident.findings),
        "state": state_text(state, words),
        "note": state.note,
        "next": RULES[top.rule].text(words.language, "next"),
    }


def place(finding: Finding) -> tuple[object, ...]:
    """Return what orders findings of one incident: the one to look at first, first."""
    severity = SEVERITIES.index(finding.severity)
    return severity, -RULES[finding.rule].urgency, -finding.score, finding.rule


def story(incident: Incident, found: Found, words: Words) -> list[dict[str, Any]]:
    """Return what happened in order of time: a step for each finding of an incident.

    A step has finding_id, level, severity, rule, title, when (with the time, UTC), subject (empty
    where it is the incident's own), sentence, state (a name), state_text and note.
    """
    return [_step(finding, incident, found, words) for finding in incident.story]


def _step(finding: Finding, incident: Incident, found: Found, words: Words) -> dict[str, Any]:
    state = found.states.get(finding.finding_id, State())
    is_own = finding.subject == incident.subject
    return {
        "finding_id": finding.finding_id,
        "level": finding.severity,
        "severity": severity_text(finding.severity, words),
        "rule": finding.rule,
        "title": title(finding.rule, words),
        "when": at_text(finding, words),
        "subject": "" if is_own else subject_text(finding, words),
        "sentence": sentence(finding, words),
        "state": state.state,
        "state_text": state_text(state, words),
        "note": state.note,
    }


def unchecked(found: Found, words: Words) -> list[dict[str, str]]:
    """Return the rules that could not be asked: rule, title, and what would make it possible."""
    needs = needs_texts()
    return [
        {
            "rule": each["rule"],
            "title": title(each["rule"], words),
            "why": " ".join(
                needs[need].get(words.language, needs[need]["en"]) for need in each["needs"]
            ),
        }
        for each in found.not_checked
    ]


def by_why(lacking: Iterable[Mapping[str, str]]) -> list[tuple[str, Sequence[str]]]:
    """Return the rules that could not be asked, those of one reason together: why, their titles."""
    grouped: dict[str, list[str]] = {}
    for each in lacking:
        grouped.setdefault(each["why"], []).append(each["title"])
    return list(grouped.items())
