"""The rows that prove a finding: its messages, its sign-ins, the settings it is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from smtpauth_kit.answers.composing import complete
from smtpauth_kit.answers.counting import of_sources, what_counts
from smtpauth_kit.answers.findings.answer import judged
from smtpauth_kit.answers.findings.joining import Finding
from smtpauth_kit.answers.findings.rule import RULES
from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filters import ALL, Filters
from smtpauth_kit.store.database import sql_text
from smtpauth_kit.store.engine import Engine

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Evidence:
    """What proves a finding."""

    finding: Finding
    messages: pd.DataFrame
    sign_ins: pd.DataFrame
    settings: pd.DataFrame

    @property
    def rows(self) -> pd.DataFrame:
        """Those rows that the rule itself went by."""
        rows: pd.DataFrame = getattr(self, RULES[self.finding.rule].evidence)
        return rows


def evidence(engine: Engine, finding_id: str, filters: Filters = ALL) -> Evidence:
    """Return the messages, sign-ins and settings of a finding's subject in the finding's time.

    `rows` are those that the rule went by; the others tell what else was there. Times are UTC.

    Raises
    ------
    UsageError
        There is no finding of that id: it may be of other data.
    """
    return evidence_of(engine, find(engine, finding_id, filters), filters)


def evidence_of(engine: Engine, finding: Finding, filters: Filters = ALL) -> Evidence:
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

    def rows(name: str, *names: str) -> pd.DataFrame:
        text = complete(sql_text(f"evidence_{name}", "answers/findings"), known)
        return engine.run(text, {key: params[key] for key in names})

    every = tuple(params)
    return Evidence(
        finding,
        rows("messages", *every),
        rows("sign_ins", *every),
        rows("settings", "tenant", "subject"),
    )


def find(engine: Engine, finding_id: str, filters: Filters = ALL) -> Finding:
    """Return a finding by its id.

    Raises
    ------
    UsageError
        There is none.
    """
    for finding in judged(engine, filters).findings:
        if finding.finding_id == finding_id:
            return finding
    raise UsageError(
        "There is no finding {name}. smtpauth findings lists them with their ids; a finding goes "
        "when the rows that proved it are unloaded.",
        name=repr(finding_id),
    )
