"""The rows that prove a finding: its messages, its sign-ins, the settings it is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from smtpauth_kit.answers.composing import complete, used
from smtpauth_kit.answers.counting import of_sources, what_counts
from smtpauth_kit.answers.findings.answer import judged
from smtpauth_kit.answers.findings.joining import Finding
from smtpauth_kit.answers.findings.rule import RULES
from smtpauth_kit.base.errors import KitError
from smtpauth_kit.base.filters import ALL, Filters
from smtpauth_kit.store.database import sql_text
from smtpauth_kit.store.engine import Engine

if TYPE_CHECKING:
    import pandas as pd


EVERY: Final = 2_000_000_000
"""More rows than a store has."""


@dataclass(frozen=True)
class Evidence:
    """What proves a finding."""

    finding: Finding
    messages: pd.DataFrame
    sign_ins: pd.DataFrame
    settings: pd.DataFrame
    kind: str
    """Which of these prove it: those that its rule is about; messages, where none of them was then.
    A rule about places goes by both."""
    row_count: int
    """Of all rows that prove it; `rows` may be the first of them."""

    @property
    def rows(self) -> pd.DataFrame:
        """Those rows that prove it."""
        rows: pd.DataFrame = getattr(self, self.kind)
        return rows


def evidence(
    engine: Engine, finding_id: str, filters: Filters = ALL, most: int = EVERY
) -> Evidence:
    """Return the messages, sign-ins and settings of a finding's subject in the finding's time.

    `rows` are those that the rule went by; the others tell what else was there. Times are UTC. Of
    each there are the first `most`.

    Raises
    ------
    KitError
        There is no finding of that id: it may be of other data.
    """
    return evidence_of(engine, find(engine, finding_id, filters), filters, most)


def evidence_of(
    engine: Engine, finding: Finding, filters: Filters = ALL, most: int = EVERY
) -> Evidence:
    """Return the same of a finding that is at hand."""
    by_source = filters.source != "auto"
    counts = of_sources(engine, filters.source) if by_source else what_counts(engine)
    why_not = counts.reasons()
    known = {
        "counting_rows_in_full": f"select *\nfrom submissions\nwhere ({why_not['submissions']}) "
        "is null",
        "counting_sign_ins_in_full": f"select *\nfrom sign_ins\nwhere ({why_not['sign_ins']}) "
        "is null",
    }
    params = {
        "tenant": finding.tenant,
        "kind": finding.subject_kind,
        "subject": finding.subject,
        "first_seen": finding.first_seen,
        "last_seen": finding.last_seen,
    }

    texts = {
        name: complete(sql_text(f"evidence_{name}", "answers/findings"), known)
        for name in ("messages", "sign_ins", "settings")
    }

    def run(text: str) -> pd.DataFrame:
        return engine.run(*used(text, params))

    first = {name: run(f"{text}\nlimit {most:d}") for name, text in texts.items()}
    kind = RULES[finding.rule].evidence
    if kind == "sign_ins" and not len(first[kind]):
        kind = "messages"
    count = len(first[kind])
    if count == most:
        counting = f"select count(*) as n\nfrom (\n{texts[kind]}\n) as proving"
        count = int(run(counting)["n"].iloc[0])
    return Evidence(finding, **first, kind=kind, row_count=count)


def find(engine: Engine, finding_id: str, filters: Filters = ALL) -> Finding:
    """Return a finding by its id.

    Raises
    ------
    KitError
        There is none.
    """
    found = judged(engine, filters).findings
    for finding in found:
        if finding.finding_id == finding_id:
            return finding
    if of_incident := [each.finding_id for each in found if each.incident_id == finding_id]:
        raise KitError(
            "{name} is an incident. Name one of its findings: {findings}.",
            name=repr(finding_id),
            findings=of_incident,
        )
    raise KitError(
        "There is no finding {name}. smtpauth findings lists them with their ids; a finding goes "
        "when the rows that proved it are unloaded.",
        name=repr(finding_id),
    )
