"""What people said of findings: acknowledged, or allowed for a subject, in the settings' file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from smtpauth_kit.answers.findings.joining import Finding
from smtpauth_kit.answers.findings.rule import RULES
from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.store import settings
from smtpauth_kit.store.engine import Engine, SettingsPlace
from smtpauth_kit.values import addresses

STATES: Final = ("new", "acknowledged", "allowed")

_ACKNOWLEDGED: Final = "acknowledged:"
_ALLOWED: Final = "allowed:"


@dataclass(frozen=True)
class State:
    """What was said of one finding."""

    state: str = "new"
    note: str = ""


def acknowledge(place: SettingsPlace, finding_id: str, note: str) -> None:
    """Keep that somebody looked at a finding; it stays so when later days are loaded.

    An empty note takes it back.

    Raises
    ------
    StoreError
        The settings cannot be written.

    Examples
    --------
    >>> acknowledge(store, "f0123456789a", "asked the owner: a test")
    """
    settings.put(place, f"{_ACKNOWLEDGED}{finding_id}", {"note": note} if note else None)


def allow(
    place: SettingsPlace, rule: str, subject: str, note: str, until: dt.date | None = None
) -> None:
    """Keep that what a rule finds about a subject is meant to be, up to a day (None: always).

    An empty note takes it back.

    Raises
    ------
    UsageError
        There is no such rule.
    StoreError
        The settings cannot be written.

    Examples
    --------
    >>> allow(store, "volume_spike", "news@contoso.com", "the announced campaign")
    """
    check_rule(rule)
    key = f"{_ALLOWED}{rule}:{subject_key(subject)}"
    kept = {"note": note, "until": until.isoformat() if until else None}
    settings.put(place, key, kept if note else None)


def check_rule(rule: str) -> None:
    """Refuse a name that is no rule.

    Raises
    ------
    UsageError
        It is none.
    """
    if rule not in RULES:
        raise UsageError(
            "There is no rule {rule}. The rules are: {rules}.", rule=repr(rule), rules=list(RULES)
        )


def subject_key(subject: str) -> str:
    """Return a subject as it is compared: addresses without case, other text as it is.

    >>> subject_key("News@Contoso.COM"), subject_key("192.0.2.7")
    ('news@contoso.com', '192.0.2.7')
    """
    return addresses.account(subject.strip())[1]


def states(engine: Engine, findings: Iterable[Finding]) -> dict[str, State]:
    """Return what was said of each finding, by its id."""
    place = engine.settings_place
    if place is None:
        return {finding.finding_id: State() for finding in findings}
    acknowledged = settings.named(place, _ACKNOWLEDGED)
    allowed = settings.named(place, _ALLOWED)
    return {f.finding_id: _state(f, acknowledged, allowed) for f in findings}


def _state(finding: Finding, acknowledged: Mapping[str, Any], allowed: Mapping[str, Any]) -> State:
    if said := acknowledged.get(finding.finding_id):
        return State("acknowledged", str(said.get("note", "")))
    said = allowed.get(f"{finding.rule}:{finding.subject}")
    if said and (not said.get("until") or finding.first_seen.date().isoformat() <= said["until"]):
        return State("allowed", str(said.get("note", "")))
    return State()
