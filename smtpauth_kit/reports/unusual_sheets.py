"""What is unusual as sheets of a workbook: the findings, and the rows that prove them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, Final

from smtpauth_kit.answers.findings.incidents import Incident
from smtpauth_kit.answers.findings.joining import Finding
from smtpauth_kit.answers.findings.proof.proof import Proof
from smtpauth_kit.answers.findings.rule import RULES
from smtpauth_kit.answers.findings.saying import sentence
from smtpauth_kit.reports.spreadsheets import Field, Sheet
from smtpauth_kit.reports.unusual import Unusual
from smtpauth_kit.views import filter_words, findings
from smtpauth_kit.views.finding_proof import cell_text
from smtpauth_kit.words.words import Words


def sheets(told: Unusual, words: Words) -> list[Sheet]:
    """Return the sheet of findings, and that of their evidence, a row of it each."""
    return [_findings(told, words), _evidence(told, words)]


def _findings(told: Unusual, words: Words) -> Sheet:
    """Return a row for each finding, those of one incident together, the first one to look at."""
    fields = (
        Field(words("Incident"), "count"),
        Field(words("Severity")),
        Field(words("Rule")),
        Field(words("Subject")),
        Field(words("What happened")),
        Field(words("First seen"), "time"),
        Field(words("Last seen"), "time"),
        Field(words("State")),
        Field(words("Note")),
        Field(words("What to check next")),
        Field(words("Measured"), "number"),
        Field(words("Expected"), "number"),
        Field(words("Rows of evidence"), "count"),
        Field(words("Sources")),
        Field(words("Tenant")),
        Field(words("Finding")),
    )
    rows = (
        _finding(n, finding, told, words)
        for n, incident in enumerate(told.incidents, 1)
        for finding in _strongest_first(told, incident)
    )
    return Sheet(words("Findings"), fields, rows)


def _strongest_first(told: Unusual, incident: Incident) -> list[Finding]:
    strongest = told.strongest(incident)
    return [strongest, *(each for each in told.own(incident) if each is not strongest)]


def _finding(n: int, finding: Finding, told: Unusual, words: Words) -> tuple[Any, ...]:
    state = told.state(finding)
    return (
        n,
        words(findings.SEVERITY_TITLES[finding.severity]),
        findings.title(finding.rule, words),
        findings.subject_text(finding, words),
        sentence(finding, words),
        _seen(finding, finding.first_seen),
        _seen(finding, finding.last_seen),
        words(findings.STATE_TITLES[state.state]),
        state.note,
        RULES[finding.rule].text(words.language, "next"),
        finding.measured,
        finding.expected,
        finding.evidence_count,
        filter_words.source_titles(finding.sources, words),
        finding.tenant,
        finding.finding_id,
    )


def _seen(finding: Finding, at: dt.datetime) -> dt.datetime | dt.date:
    """Return an instant, or its day where the source has only days."""
    return at.date() if finding.is_day else at


_COLUMNS: Final = (
    ("at", "Time (UTC)", "time"),
    ("account", "Account", "text"),
    ("sender_address", "Sender address", "text"),
    ("result", "Result", "text"),
    ("error_code", "Error code", "text"),
    ("client_ip", "Client IP", "text"),
    ("country", "Country", "text"),
    ("network", "Network", "text"),
    ("user_agent", "Device or program", "text"),
    ("tls_version", "TLS version", "text"),
    ("auth_protocol", "Authentication protocol", "text"),
    ("message_count", "Messages", "count"),
    ("recipient_count", "Recipients", "count"),
    ("smtp_auth_disabled", "SMTP AUTH blocked", "text"),
    ("allow_legacy_tls", "Legacy TLS allowed", "text"),
)
"""Of the sheet of evidence: a column of it, the key of its title, its kind."""


def _evidence(told: Unusual, words: Words) -> Sheet:
    """Return the rows that prove findings: messages, sign-ins and settings, each in its columns."""
    fields = (
        Field(words("Finding")),
        Field(words("Rule")),
        Field(words("Subject")),
        *(Field(words(title), kind) for _, title, kind in _COLUMNS),  # type: ignore[arg-type]
    )
    proofs = [proof for incident in told.incidents for proof in told.proved(incident)]
    return Sheet(words("Evidence"), fields, (row for each in proofs for row in _rows(each, words)))


def _rows(proof: Proof, words: Words) -> Iterator[tuple[Any, ...]]:
    finding, evidence = proof.finding, proof.evidence
    own = (
        finding.finding_id,
        findings.title(finding.rule, words),
        findings.subject_text(finding, words),
    )
    for row in evidence.rows.to_dict("records"):
        told = {str(name): value for name, value in row.items()}
        told["at"] = _when(told)
        told["account"] = told.get("account") or told.get("address")
        yield *own, *(cell_text(name, told.get(name), words) for name, _, _ in _COLUMNS)
    if (left := evidence.row_count - len(evidence.rows)) > 0:
        yield *own[:2], words("{n} more rows.", n=left), *(None for _ in _COLUMNS)


def _when(row: dict[str, Any]) -> Any:
    """Return the instant of a row, or its day where its source has only days."""
    for name in ("signed_in_at", "sent_at", "day"):
        value = row.get(name)
        if value is not None and value == value:
            return value.to_pydatetime() if hasattr(value, "to_pydatetime") else value
    return None
