"""What a rule is: its SQL, its settings and its texts, read from `rules/NAME.sql` and `NAME.json`.

Nothing else lists the rules: a file more in that folder is a rule more, everywhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

from smtpauth_kit.store.database import sql_text

Severity = Literal["high", "medium", "low"]

SEVERITIES: Final = ("high", "medium", "low")
"""Act today; look this week; know it."""

_FOLDER: Final = "answers/findings/rules"


@dataclass(frozen=True)
class Setting:
    """A number that a rule goes by, and why it is this one."""

    value: float
    reason: Mapping[str, str]
    """By language."""


@dataclass(frozen=True)
class Rule:
    """One rule of detection.

    Examples
    --------
    >>> rule = RULES["new_sender"]
    >>> rule.severity, rule.subject_kind, rule.parameters()["learning_days"]
    ('low', 'sender', 14)
    """

    name: str
    severity: Severity
    subject_kind: str
    """sender, account, client_ip or tenant."""
    needs: tuple[str, ...]
    """What the sources must tell, by the names of `needs/` and `needs.json`."""
    settings: Mapping[str, Setting]
    evidence: str
    """messages or sign_ins: the rows that prove a finding."""
    texts: Mapping[str, Mapping[str, str]]
    """By language: title, meaning, why, innocent, next, sentence."""
    counts: tuple[str, ...] = ("messages",)
    """What it counts as evidence, and so whose sources a finding names: messages, sign_ins."""
    urgency: int = 0
    """Of findings of one severity, those of a more urgent rule are looked at first: 0 to 9."""
    join_days: int = 3
    """Rows of one subject that are no more days apart are one event."""
    measured: Literal["sum", "largest"] = "largest"
    """What a finding of several rows measured: their sum, or the largest."""

    @property
    def sql(self) -> str:
        """Its statement: it reads the relations of `inputs/` and its settings as parameters."""
        return sql_text(self.name, _FOLDER)

    def parameters(self) -> dict[str, float]:
        """Return the settings as the statement's parameters."""
        return {name: setting.value for name, setting in self.settings.items()}

    def text(self, language: str, part: str) -> str:
        """Return one of its texts; a language that it lacks is said in English."""
        return self.texts.get(language, self.texts["en"]).get(part) or self.texts["en"][part]


def _rule(name: str, known: Mapping[str, Any]) -> Rule:
    settings = {key: Setting(**setting) for key, setting in known.get("settings", {}).items()}
    optional: dict[str, Any] = {
        key: known[key] for key in ("urgency", "join_days", "measured") if key in known
    }
    optional["counts"] = tuple(known.get("counts", (known["evidence"],)))
    return Rule(
        name, known["severity"], known["subject_kind"], tuple(known["needs"]), settings,
        known["evidence"], known["texts"], **optional,
    )  # fmt: skip


def _all_rules() -> dict[str, Rule]:
    folder = files("smtpauth_kit").joinpath(*_FOLDER.split("/"))
    named = {
        file.name.removesuffix(".json"): json.loads(file.read_text("utf-8"))
        for file in folder.iterdir()
        if file.name.endswith(".json")
    }
    ordered = sorted(named, key=lambda name: named[name]["place"])
    return {name: _rule(name, named[name]) for name in ordered}


RULES: Final = _all_rules()
"""Every rule by its name, in the order of their `place`."""


@cache
def needs_texts() -> Mapping[str, Mapping[str, str]]:
    """Return what each need means and what would meet it: by its name, then by language."""
    folder = files("smtpauth_kit").joinpath("answers", "findings", "needs.json")
    read: dict[str, dict[str, str]] = json.loads(folder.read_text("utf-8"))
    return read
