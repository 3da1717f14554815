"""The kernel's half of the forms in a flyout: read what was typed, say what is wrong with it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filter_fields import as_day
from smtpauth_kit.words.words import Words


def read_form(typed: Any) -> dict[str, Any]:
    """Return what was typed, by control; a browser may send anything."""
    return typed if isinstance(typed, dict) else {}


def read_days(
    typed: dict[str, Any], errors: dict[str, str], words: Words
) -> tuple[dt.date | None, dt.date | None]:
    """Return the start and end date of a form; what is wrong with them goes into `errors`.

    Examples
    --------
    >>> from smtpauth_kit.words.words import speak
    >>> errors = {}
    >>> read_days({"start": "2026-11-20", "end": "2026-11-16"}, errors, speak("en"))
    (datetime.date(2026, 11, 20), datetime.date(2026, 11, 16))
    >>> errors
    {'end': 'The end date is before the start date.'}
    """
    start, end = (_day(typed, name, errors, words) for name in ("start", "end"))
    if start and end and start > end:
        errors["end"] = words("The end date is before the start date.")
    return start, end


def iso(day: dt.date | None) -> str | None:
    """Return a day as a date control has it."""
    return None if day is None else day.isoformat()


def _day(typed: dict[str, Any], name: str, errors: dict[str, str], words: Words) -> dt.date | None:
    try:
        return as_day(str(typed[name])) if typed.get(name) else None
    except UsageError:
        errors[name] = words("Choose a day.")
        return None
