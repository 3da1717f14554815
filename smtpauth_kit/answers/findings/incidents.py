"""Findings about one account, close in time, are one incident: what they mean together, first."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from smtpauth_kit.answers.findings.joining import Finding
from smtpauth_kit.answers.findings.rule import RULES, SEVERITIES

TOGETHER_DAYS: Final = 8
"""Findings about one account no more days apart are one incident: a stolen password is often used
a week after it was found."""

_WEIGHT: Final = {"high": 100, "medium": 10, "low": 1}


@dataclass(frozen=True)
class Incident:
    """What happened to one account, or was done from one address, told in order of time."""

    incident_id: str
    severity: str
    tenant: str
    subject_kind: str
    subject: str
    first_seen: dt.datetime
    last_seen: dt.datetime
    findings: tuple[Finding, ...]
    """Its own, the earliest first."""
    related: tuple[Finding, ...]
    """Of others: the addresses that had to do with this account."""

    @property
    def is_of_several(self) -> bool:
        """Whether incidents of other tenants may stand beside it."""
        return self.findings[0].is_of_several

    @property
    def story(self) -> tuple[Finding, ...]:
        """All that tells of it, in order of time: the spray, the success, the burst."""
        return tuple(sorted((*self.related, *self.findings), key=lambda f: (f.first_seen, f.rule)))

    @property
    def strength(self) -> tuple[int, int, float]:
        """What orders incidents: what its different rules weigh together, then their scores."""
        rules = {f.rule: f.severity for f in self.findings}
        weight = sum(_WEIGHT[severity] for severity in rules.values())
        return weight, max(RULES[rule].urgency for rule in rules), max(
            f.score for f in self.findings
        )  # fmt: skip


def incidents(findings: Iterable[Finding]) -> list[Incident]:
    """Return the incidents of findings, the one to look at first, first."""
    by_subject: dict[tuple[str, str, str], list[Finding]] = {}
    all_ = list(findings)
    for finding in all_:
        kind = "account" if finding.subject_kind == "sender" else finding.subject_kind
        by_subject.setdefault((finding.tenant, kind, finding.subject), []).append(finding)
    groups = [group for own in by_subject.values() for group in _close_in_time(own)]
    of_addresses = [group for group in groups if group[0].subject_kind == "client_ip"]
    others = [group for group in groups if group[0].subject_kind != "client_ip"]
    groups = [*others, *_campaigns(of_addresses)]
    about = _addresses_about(all_)
    return in_order(_incident(group, about) for group in groups)


def in_order(found: Iterable[Incident]) -> list[Incident]:
    """Return incidents, the one to look at first, first."""
    return sorted(found, key=_place)


def _addresses_about(findings: Iterable[Finding]) -> Mapping[tuple[str, str], list[Finding]]:
    """Return, by tenant and account, the findings about addresses that had to do with it."""
    about: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        if finding.subject_kind == "client_ip":
            for account in finding.accounts:
                about.setdefault((finding.tenant, account), []).append(finding)
    return about


def _place(incident: Incident) -> tuple[object, ...]:
    """Return what sorts the incident to look at first, first; equal ones the newest first."""
    weight, urgency, score = incident.strength
    newest = -incident.last_seen.timestamp()
    return (
        SEVERITIES.index(incident.severity), -weight, -urgency, newest, -score, incident.subject,
    )  # fmt: skip


def _close_in_time(findings: Sequence[Finding]) -> list[list[Finding]]:
    groups: list[list[Finding]] = []
    end = dt.datetime.min
    for finding in sorted(findings, key=lambda f: (f.first_seen, f.last_seen, f.rule)):
        if groups and finding.first_seen - end <= dt.timedelta(days=TOGETHER_DAYS):
            groups[-1].append(finding)
            end = max(end, finding.last_seen)
        else:
            groups.append([finding])
            end = finding.last_seen
    return groups


def _campaigns(groups: Iterable[list[Finding]]) -> list[list[Finding]]:
    """Return groups of findings about addresses, those that acted together as one.

    Who sprays passwords from several addresses is one attacker: they come close in time, and try
    the same accounts or stand in the same network.
    """
    joined: list[list[Finding]] = []
    for group in sorted(groups, key=lambda own: (own[0].first_seen, own[0].subject)):
        same = [other for other in joined if _act_together(other, group)]
        for other in same:
            joined.remove(other)
            group = [*other, *group]
        joined.append(sorted(group, key=lambda f: (f.first_seen, f.last_seen, f.rule, f.subject)))
    return joined


def _act_together(a: Sequence[Finding], b: Sequence[Finding]) -> bool:
    if a[0].tenant != b[0].tenant:
        return False
    near = dt.timedelta(days=TOGETHER_DAYS)
    gap = max(a[0].first_seen, b[0].first_seen) - min(_end(a), _end(b))
    tried, others = ({name for f in own for name in f.accounts} for own in (a, b))
    places = ({f.values.get("place") for f in own} - {None} for own in (a, b))
    same_accounts = 2 * len(tried & others) >= min(len(tried), len(others))
    return gap <= near and (same_accounts or bool(set.intersection(*places)))


def _end(findings: Iterable[Finding]) -> dt.datetime:
    return max(f.last_seen for f in findings)


def _incident(own: list[Finding], about: Mapping[tuple[str, str], Sequence[Finding]]) -> Incident:
    first, last = own[0], max(f.last_seen for f in own)
    near = dt.timedelta(days=TOGETHER_DAYS)
    related = [
        f
        for f in about.get((first.tenant, first.subject), ())
        if f not in own and f.first_seen <= last + near and f.last_seen >= first.first_seen - near
    ]
    named = hashlib.sha256("|".join(f.finding_id for f in own[:1]).encode()).hexdigest()
    return Incident(
        incident_id=f"i{named[:11]}",
        severity=min((f.severity for f in own), key=SEVERITIES.index),
        tenant=first.tenant,
        subject_kind=first.subject_kind,
        subject=first.subject,
        first_seen=first.first_seen,
        last_seen=last,
        findings=tuple(own),
        related=tuple(related),
    )


def ranked(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings with their incident's id, the one to look at first, first.

    Of each severity, the strongest finding of every incident stands before the others of them: ten
    rows are then ten different things to look at, as far as there are.
    """
    placed: list[tuple[tuple[object, ...], Finding]] = []
    for n, incident in enumerate(incidents(findings)):
        own = sorted(incident.findings, key=_strength)
        for place, finding in enumerate(own):
            key = (SEVERITIES.index(finding.severity), min(place, 1), n, place)
            placed.append((key, replace(finding, incident_id=incident.incident_id)))
    return [finding for _, finding in sorted(placed, key=lambda each: each[0])]


def _strength(finding: Finding) -> tuple[object, ...]:
    urgency = RULES[finding.rule].urgency
    return (
        SEVERITIES.index(finding.severity), -urgency, -finding.score, finding.first_seen,
        finding.rule,
    )  # fmt: skip
