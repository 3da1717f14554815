"""What somebody says of an incident: it was looked at, it is allowed, or neither after all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from smtpauth_kit.answers.findings import states
from smtpauth_kit.answers.findings.incidents import Incident
from smtpauth_kit.answers.findings.joining import Finding
from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filter_fields import as_day
from smtpauth_kit.screens.flyout_form import read_form
from smtpauth_kit.store.engine import SettingsPlace
from smtpauth_kit.words.words import Words

MOST_SIGNS: Final = 1_000
"""Of a note: what is longer is no note, and every list would carry it."""


How = Literal["acknowledge", "allow", "undo"]


@dataclass(frozen=True)
class Said:
    """What was typed about findings of one incident, and what is wrong with it, by control."""

    how: How
    findings: Sequence[Finding]
    note: str
    until: dt.date | None
    shown: str
    """The finding whose proof was on screen."""
    text: str
    """What is said once it is kept."""
    errors: dict[str, str] = field(default_factory=dict)

    def keep(self, place: SettingsPlace) -> None:
        """Keep it with the settings of a store.

        Raises
        ------
        StoreError
            The settings cannot be written.
        """
        for finding in self.findings:
            # What was said before goes: of two, the older would hide the newer.
            acknowledged = self.note if self.how == "acknowledge" else ""
            allowed = self.note if self.how == "allow" else ""
            states.acknowledge(place, finding.finding_id, acknowledged)
            if self.how != "acknowledge":
                states.allow(place, finding.rule, finding.subject, allowed, self.until)


def read_said(typed: Any, incident: Incident, words: Words) -> Said:
    """Return what was typed: {how, note, until, finding, all}; a browser may send anything.

    `all`: about every finding of the incident's own; else about the one of the id `finding`.
    """
    typed, errors = read_form(typed), dict[str, str]()
    how: How = "acknowledge"
    if typed.get("how") == "allow":
        how = "allow"
    elif typed.get("how") == "undo":
        how = "undo"
    note = str(typed.get("note") or "").strip()
    shown = str(typed.get("finding") or "")
    chosen = [each for each in incident.story if each.finding_id == shown]
    findings = list(incident.findings) if typed.get("all") is True or not chosen else chosen
    if how != "undo" and not note:
        errors["note"] = words("Write what you found out: who looks next needs it.")
    elif len(note) > MOST_SIGNS:
        errors["note"] = words("Write a note of at most {n} signs.", n=MOST_SIGNS)
    return Said(
        how=how, findings=findings, note=note, shown=shown, errors=errors,
        until=_until(typed, errors, words) if how == "allow" else None,
        text=_kept(how, len(findings), words),
    )  # fmt: skip


def _until(typed: dict[str, Any], errors: dict[str, str], words: Words) -> dt.date | None:
    try:
        return as_day(str(typed["until"])) if typed.get("until") else None
    except UsageError:
        errors["until"] = words("Choose a day.")
        return None


def _kept(how: str, count: int, words: Words) -> str:
    match how:
        case "allow":
            return words("{n} findings allowed.", n=count)
        case "undo":
            return words("{n} findings new again.", n=count)
        case _:
            return words("{n} findings acknowledged.", n=count)
