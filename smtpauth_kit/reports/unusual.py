"""What a report tells of unusual activity: incidents, their proof, what could not be checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from smtpauth_kit.answers.findings.answer import judged
from smtpauth_kit.answers.findings.incidents import Incident
from smtpauth_kit.answers.findings.joining import Finding
from smtpauth_kit.answers.findings.proof.proof import Proof, proofs
from smtpauth_kit.answers.findings.rule import RULES
from smtpauth_kit.answers.findings.saying import sentence
from smtpauth_kit.answers.findings.states import State, states
from smtpauth_kit.answers.of_tenants import of_tenants
from smtpauth_kit.base.filter_fields import FilterField
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.reports.findings_renamed import Renamer
from smtpauth_kit.reports.pseudonyms import Pseudonyms
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.values import addresses
from smtpauth_kit.views import filter_words, findings
from smtpauth_kit.views.findings import Found
from smtpauth_kit.words.words import Words

if TYPE_CHECKING:
    import pandas as pd

UNHEEDED: Final = ("timezone", "min_messages", "where", "senders")
"""Filters that findings have not: they are judged of all senders, in days of UTC."""

MOST_PROVED: Final = 40
"""So many findings have their proof in a report, the one to look at first, first."""

MOST_ROWS: Final = 1_000
"""So many rows of evidence are held of each."""

_LEFT_OUT: Final = ("recipients", "message_id", "display_name", "city")
"""Columns of evidence that no report holds: they tell of others than the finding's subject."""


@dataclass(frozen=True)
class Unusual:
    """What is unusual, as one report tells it."""

    found: Found
    filters: Filters
    """Those that findings have, of the ones asked; days not asked for are all loaded."""
    unheeded: tuple[FilterField, ...] = ()
    """Filters that were asked for and that findings have not."""
    elsewhere: int = 0
    """Incidents to look at that the filters leave out."""
    proofs: Mapping[str, Proof] | None = None
    """What proves the findings, by their ids: of the first `MOST_PROVED`; None: nobody asked."""

    @cached_property
    def to_look_at(self) -> tuple[Incident, ...]:
        """Incidents to look at today: with a finding of high severity of which nothing was said."""
        found = self.found
        return tuple(each for each in found.incidents if found.urgency(each) == "high")

    def own(self, incident: Incident) -> list[Finding]:
        """Return the findings of an incident that the filters choose, the earliest first."""
        return [f for f in incident.findings if f.finding_id in self.found.chosen]

    @cached_property
    def incidents(self) -> tuple[Incident, ...]:
        """All incidents: those to look at today first, of each the strongest first."""
        later = [each for each in self.found.incidents if each not in self.to_look_at]
        return *self.to_look_at, *later

    def strongest(self, incident: Incident) -> Finding:
        """Return the chosen finding of an incident to look at first: new ones before others."""
        return min(self.own(incident), key=self._place)

    def _place(self, finding: Finding) -> tuple[object, ...]:
        return self.state(finding).state != "new", *findings.place(finding)

    def proved(self, incident: Incident) -> list[Proof]:
        """Return what proves the findings of an incident, of those whose proof is held."""
        held = self.proofs or {}
        return [held[f.finding_id] for f in self.own(incident) if f.finding_id in held]

    def state(self, finding: Finding) -> State:
        """Return what was said of a finding."""
        return self.found.states[finding.finding_id]


def _is_urgent(finding: Finding, said: Mapping[str, State]) -> bool:
    return finding.severity == "high" and said[finding.finding_id].state == "new"


def of_findings(filters: Filters) -> tuple[Filters, tuple[FilterField, ...]]:
    """Return filters without what findings have not, and what that is.

    Examples
    --------
    >>> from smtpauth_kit.base.filters import filters
    >>> asked, unheeded = of_findings(filters(domain="contoso.com", min_messages=5))
    >>> asked == filters(domain="contoso.com"), [each.option for each in unheeded]
    (True, ['--min-messages'])
    """
    unheeded = tuple(each for each, _ in filters.asked() if each.name in UNHEEDED)
    return filters.changed(**{each.name: each.default for each in unheeded}), unheeded


@of_tenants
def unusual(engine: Engine, filters: Filters, *, proved: bool = False) -> Unusual:
    """Return what is unusual that filters choose; days not asked for are all loaded.

    What findings cannot be asked about (`UNHEEDED`) is told as such and narrows nothing. With
    `proved` it holds what proves the findings to look at first, of the senders asked for.

    Raises
    ------
    UsageError
        There is no such rule, severity or state.

    Examples
    --------
    >>> told = unusual(store, Filters())
    >>> told.to_look_at, told.elsewhere, told.found.not_checked[0]["rule"]
    ((), 0, 'volume_spike')
    """
    asked, unheeded = of_findings(filters)
    found, all_ = findings.find(engine, asked), judged(engine, asked).findings
    said = states(engine, all_)
    ids = {incident.incident_id for incident in found.incidents}
    urgent = {f.incident_id for f in all_ if _is_urgent(f, said)}
    told = Unusual(found, asked, unheeded, len(urgent - ids))
    if not proved:
        return told
    # Those of one incident stand together, the incident to look at first, first.
    first = [f for each in told.incidents for f in told.own(each)][:MOST_PROVED]
    made = proofs(engine, first, asked, MOST_ROWS)
    return replace(told, proofs={each.finding.finding_id: _told_of(each, asked) for each in made})


def _told_of(made: Proof, filters: Filters) -> Proof:
    """Return a proof as a report may hold it: of the senders asked for, nothing of their mail."""
    rows = made.evidence
    evidence = replace(
        rows,
        messages=_of_senders(_bare(rows.messages), filters),
        sign_ins=_of_senders(_bare(rows.sign_ins), filters),
        settings=_bare(rows.settings),
    )
    left_out = len(rows.rows) - len(evidence.rows)
    evidence = replace(evidence, row_count=rows.row_count - left_out)
    return replace(made, places=_of_senders(made.places, filters), evidence=evidence)


def _bare(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with what no report holds left empty."""
    return rows.assign(**{name: "" for name in _LEFT_OUT if name in rows.columns})


def _of_senders(rows: pd.DataFrame, filters: Filters) -> pd.DataFrame:
    """Return rows of the accounts that filters ask for; rows that name none are of the finding."""
    if not (filters.domains or filters.sender) or "account" not in rows.columns:
        return rows
    kept = [_is_asked(row, filters) for row in rows.to_dict("records")]
    return rows[kept].reset_index(drop=True)


def _is_asked(row: Mapping[Any, Any], filters: Filters) -> bool:
    names = [str(row[name]) for name in ("account", "sender_address") if row.get(name)]
    keys = [addresses.account(name) for name in names]
    domains = {addresses.domain_key(name) for name in filters.domains}
    wanted = addresses.account(filters.sender).key if filters.sender else None
    return any(
        (not domains or addresses.domain_key(key.domain) in domains)
        and (wanted is None or key.key == wanted)
        for key in keys
    )


def renamed(told: Unusual, pseudonyms: Pseudonyms, words: Words) -> Unusual:
    """Return what is unusual with pseudonyms: no subject, text, note, id or row names anybody."""
    names = Renamer(pseudonyms)
    found = replace(
        told.found,
        incidents=names.incidents(told.found.incidents),
        states=names.states(told.found.states, words("a note, left out: it may name somebody")),
        chosen=frozenset(map(names.id, told.found.chosen)),
    )
    proofs = None if told.proofs is None else {
        names.id(key): names.proof(each) for key, each in told.proofs.items()
    }  # fmt: skip
    # Of these it was made sure that they are words of the kit.
    known = {"rules": told.filters.rules, "severities": told.filters.severities}
    filters = pseudonyms.filters(told.filters).changed(**known)
    return replace(told, found=found, filters=filters, proofs=proofs)


# --- texts ----------------------------------------------------------------------------------


def rows(told: Unusual, words: Words) -> list[dict[str, Any]]:
    """Return a row for each incident: what its finding to look at first says, and what was said.

    severity (mark and word), level (its name), subject, happened, days, state (with the note),
    next (what to check), incident_id.
    """
    return [row(told, incident, words) for incident in told.incidents]


def row(told: Unusual, incident: Incident, words: Words) -> dict[str, Any]:
    """Return the row of one incident."""
    strongest = told.strongest(incident)
    title = findings.title(strongest.rule, words)
    return {
        "incident_id": incident.incident_id,
        "level": strongest.severity,
        "severity": findings.severity_text(strongest.severity, words),
        "subject": findings.subject_text(incident, words),
        "happened": f"{title}: {sentence(strongest, words)}",
        "days": findings.when_text(incident, words),
        "state": findings.state_text(told.state(strongest), words),
        "next": RULES[strongest.rule].text(words.language, "next"),
    }


def sentence_of(told: Unusual, incident: Incident, words: Words) -> str:
    """Return who did what, by the finding of an incident to look at first."""
    strongest = told.strongest(incident)
    return f"{findings.subject_text(incident, words)}: {sentence(strongest, words)}"


def remarks(told: Unusual, words: Words) -> list[str]:
    """Return what a list of incidents is of: which days, whose, and what does not narrow it."""
    said = [_days(told.filters, words)]
    if only := _only(told.filters, words):
        said.append(words("Only: {filters}", filters="; ".join(only)))
    if told.elsewhere:
        said.append(
            words("{n} incidents to look at are left out by these filters.", n=told.elsewhere)
        )
    if told.unheeded:
        said.append(words(
            "What is unusual is judged of all senders, in days of UTC: "
            "it is not narrowed by {options}.",
            options=", ".join(each.option for each in told.unheeded),
        ))  # fmt: skip
    if told.proofs is not None and len(told.proofs) < len(told.found.chosen):
        text = "Of {n} of {all} findings there is evidence: of those to look at first."
        said.append(words(text, n=len(told.proofs), all=len(told.found.chosen)))
    return said


def _days(asked: Filters, words: Words) -> str:
    start, end = asked.start, asked.end or asked.as_of
    if start and end:
        text = "Unusual activity of {start} to {end}; days are UTC."
        return words(text, start=words.date(start), end=words.date(end))
    if start:
        return words("Unusual activity since {start}; days are UTC.", start=words.date(start))
    if end:
        return words("Unusual activity of all days up to {end}; days are UTC.", end=words.date(end))
    return words("Unusual activity of all days loaded; days are UTC.")


def _only(asked: Filters, words: Words) -> list[str]:
    """Return what findings are narrowed to beside days."""
    titles = (
        [findings.title(rule, words) for rule in asked.rules],
        [words(findings.SEVERITY_TITLES[each]) for each in asked.severities],
        [] if asked.state == "all" else [words(findings.STATE_TITLES[asked.state])],
    )
    chosen = [", ".join(each) for each in titles if each]
    return [*filter_words.active(asked, words), *chosen]


def unchecked_line(told: Unusual, words: Words) -> str:
    """Return how many rules could not be asked; empty: all were."""
    n = len(told.found.not_checked)
    text = "{n} rules could not be checked: no loaded source tells what they need."
    return words(text, n=n) if n else ""
