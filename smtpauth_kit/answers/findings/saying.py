"""A finding in a sentence, with its numbers, in a person's language."""

from __future__ import annotations

import datetime as dt
from typing import Any

from smtpauth_kit.answers.findings.joining import Finding
from smtpauth_kit.answers.findings.rule import RULES
from smtpauth_kit.base.sentences import filled
from smtpauth_kit.words.inert import printable
from smtpauth_kit.words.words import Words


def sentence(finding: Finding, words: Words) -> str:
    """Return what happened, without its subject: "sent 640 messages on 19 November; …".

    What came with the data is written so that it neither hides nor reorders what is beside it.
    """
    values: dict[str, Any] = {
        "measured": _rounded(finding.measured),
        "expected": None if finding.expected is None else _rounded(finding.expected),
        "evidence_count": finding.evidence_count,
        "first_day": finding.first_seen.date().isoformat(),
        "last_day": finding.last_seen.date().isoformat(),
        "first_at": finding.first_seen.strftime("%Y-%m-%d %H:%M"),
        "last_at": finding.last_seen.strftime("%Y-%m-%d %H:%M"),
        **finding.values,
    }
    days = {name: words.date(day) for name, value in values.items() if (day := _day(name, value))}
    template = RULES[finding.rule].text(words.language, "sentence")
    return filled(template, {**values, **days}, lambda value: _written(value, words), words.form)


def _day(name: str, value: Any) -> dt.date | None:
    """Return the day of a value that is one: its name says so."""
    is_day = name.endswith("day") and isinstance(value, str)
    return dt.date.fromisoformat(value) if is_day else None


def _rounded(value: float) -> float:
    return round(value) if abs(value) >= 10 else round(value, 1)


def _written(value: Any, words: Words) -> str:
    if isinstance(value, list):
        return ", ".join(_written(each, words) for each in value)
    if isinstance(value, float) and value != int(value):
        return words.decimal(value)
    if isinstance(value, int | float):
        return words.count(int(value))
    return printable(str(value)) if value is not None else words.count(None)
