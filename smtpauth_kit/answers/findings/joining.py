"""From the rows of a rule to findings: days of one event are one, with an id that stays."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from smtpauth_kit.answers.findings.rule import SEVERITIES, Rule
from smtpauth_kit.store.rows import Rows

_DAY: Final = dt.timedelta(days=1)

_OWN: Final = frozenset((
    "tenant", "subject_kind", "subject", "first_seen", "last_seen", "measured", "expected",
    "evidence_count", "score", "severity", "anchor", "apart", "is_day", "accounts",
))  # fmt: skip
"""Columns of a rule that are fields of a finding; all others are values of its sentence."""


@dataclass(frozen=True)
class Finding:
    """One event that a rule found, about one subject."""

    finding_id: str
    rule: str
    severity: str
    tenant: str
    subject_kind: str
    subject: str
    first_seen: dt.datetime
    last_seen: dt.datetime
    is_day: bool
    """The source has days, not times: first and last seen are midnights."""
    measured: float
    expected: float | None
    evidence_count: int
    score: float
    """Orders findings of one severity; of no unit."""
    accounts: tuple[str, ...]
    """Whom it is about: the subject, or the accounts of an address, those that matter first."""
    sources: tuple[str, ...]
    values: Mapping[str, Any]
    """What its sentence names beside these fields: text, whole numbers, days as ISO text, lists."""
    incident_id: str = ""
    is_of_several: bool = field(default=False, compare=False)
    """Whether findings of other tenants may stand beside it: it then names its own."""


def join(
    rule: Rule,
    rows: Rows,
    sources: Iterable[tuple[str, str]],
    sign_in_sources: Iterable[tuple[str, str]],
) -> list[Finding]:
    """Return the findings of a rule's rows: those of one subject close in time are one."""
    events: list[list[dict[str, Any]]] = []
    records = sorted(rows.records(), key=_when)
    for record in records:
        last = events[-1][-1] if events else None
        if last is not None and _who(last) == _who(record) and _close(rule, events[-1], record):
            events[-1].append(record)
        else:
            events.append([record])
    of_kind = {"messages": sources, "sign_ins": sign_in_sources}
    chosen = [each for kind in rule.counts for each in of_kind[kind]]
    return [_finding(rule, event, chosen) for event in events]


def _who(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Return whom a row is about; rows of one subject that differ in `apart` are never one."""
    return record["tenant"], record["subject_kind"], record["subject"], record.get("apart") or ""


def _when(record: Mapping[str, Any]) -> tuple[Any, ...]:
    return *_who(record), record["first_seen"], record["last_seen"], record["score"]


def _close(rule: Rule, event: list[dict[str, Any]], record: Mapping[str, Any]) -> bool:
    end = max(each["last_seen"] for each in event)
    return bool((record["first_seen"].date() - end.date()) <= rule.join_days * _DAY)


def _finding(rule: Rule, event: list[dict[str, Any]], sources: list[tuple[str, str]]) -> Finding:
    top = max(event, key=lambda each: (_steady(each["score"]), each["first_seen"]))
    first = min(each["first_seen"] for each in event)
    anchor = event[0].get("anchor") or first.date()
    *who, apart = rule.name, *_who(top)
    named = [each for each in (_listed(row.get("accounts")) for row in event) if each]
    accounts = dict.fromkeys(account for each in named for account in each) or (top["subject"],)
    return Finding(
        finding_id=_stable_id(*who, *filter(None, [apart]), str(anchor)),
        rule=rule.name,
        severity=_strongest(event, rule),
        tenant=top["tenant"],
        subject_kind=top["subject_kind"],
        subject=top["subject"],
        first_seen=first,
        last_seen=max(each["last_seen"] for each in event),
        is_day=bool(top.get("is_day", False)),
        measured=_added("measured", event, top, rule),
        expected=_added("expected", event, top, rule) if _is_told(top["expected"]) else None,
        evidence_count=sum(int(each["evidence_count"]) for each in event),
        score=_steady(top["score"]),
        accounts=tuple(accounts),
        sources=tuple(sorted({source for tenant, source in sources if tenant == top["tenant"]})),
        values={**_values(top), "day_count": len({e["first_seen"].date() for e in event})},
    )


def _added(name: str, event: list[dict[str, Any]], top: Mapping[str, Any], rule: Rule) -> float:
    if rule.measured == "sum":
        return _steady(sum(each[name] for each in event if _is_told(each[name])))
    return _steady(top[name])


def _steady(figure: Any) -> float:
    """Return a figure without its last digits: they depend on the order in which it was added."""
    return float(f"{float(figure):.9g}")


def _strongest(event: list[dict[str, Any]], rule: Rule) -> str:
    told = [each.get("severity") or rule.severity for each in event]
    return min(told, key=SEVERITIES.index)


def _stable_id(*parts: str) -> str:
    """Return an id that is the same for the same parts, on any machine."""
    text = json.dumps(parts, ensure_ascii=True)
    return f"f{hashlib.sha256(text.encode()).hexdigest()[:11]}"


def _values(record: Mapping[str, Any]) -> dict[str, Any]:
    own = {name: value for name, value in record.items() if name not in _OWN}
    return {name: _plain(value) for name, value in own.items() if _is_told(value)}


def _plain(value: Any) -> Any:
    """Return a value as JSON keeps it: whole numbers whole, days and times as ISO text."""
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float):
        return int(value) if value == int(value) else round(value, 1)
    if isinstance(value, str | bool | int):
        return value
    return value.item() if hasattr(value, "item") else [_plain(each) for each in value]


def _listed(value: Any) -> list[str]:
    told = [] if value is None or isinstance(value, float) else value
    return [str(each) for each in told if each]


def _is_told(value: Any) -> bool:
    return value is not None and value == value
