"""What the load screen asks about a refused file: its columns, its date order, or its days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from smtpauth_kit.base.errors import (
    ColumnsNeeded,
    DateOrderNeeded,
    KitError,
    PeriodNeeded,
    ZoneNeeded,
)
from smtpauth_kit.base.sentences import column
from smtpauth_kit.formats import FORMATS, ExportFormat
from smtpauth_kit.loading.results import FileResult
from smtpauth_kit.words.words import Words

ANSWERED = (ColumnsNeeded, DateOrderNeeded, PeriodNeeded, ZoneNeeded)
"""Refusals that an answer can settle."""


def question(file: FileResult, words: Words) -> dict[str, Any]:
    r"""Return all that the dialog needs to ask about a refused file.

    Examples
    --------
    >>> from smtpauth_kit.loading import loading
    >>> _ = (folder / "own.csv").write_text("Datum,Van\n2026-11-16,a@contoso.com\n")
    >>> (file,) = loading.load(store, folder / "own.csv").files
    >>> from smtpauth_kit.words.words import speak
    >>> asked = question(file, speak("nl"))
    >>> asked["columns"], asked["format"]
    ([['Datum', ['2026-11-16']], ['Van', ['a@contoso.com']]], 'submission-log')
    >>> (own,) = (each for each in asked["formats"] if each["name"] == asked["format"])
    >>> [field["title"] for field in own["fields"]][:2]
    ['Datum', 'Adres afzender']
    """
    refusal, said = file.refusal, file.layout
    columns = refusal.samples if isinstance(refusal, ColumnsNeeded) else {}
    offered = [fmt for fmt in FORMATS if not fmt.line] if columns else _recognised(file)
    return {
        "name": Path(file.path).name,
        "columns": [[name, list(values)] for name, values in columns.items()],
        "format": refusal.nearest if isinstance(refusal, ColumnsNeeded) else file.format,
        "formats": [_offer(fmt, list(columns), words) for fmt in offered],
        "dates": list(refusal.samples) if isinstance(refusal, DateOrderNeeded) else [],
        "asks_order": isinstance(refusal, DateOrderNeeded),
        "zone": refusal.said if isinstance(refusal, ZoneNeeded) else "",
        "days": offered_days(file),
        "is_mapped": bool(said and said.mapped),
    }


def _recognised(file: FileResult) -> list[ExportFormat]:
    return [fmt for fmt in FORMATS if fmt.name == file.format]


def _offer(fmt: ExportFormat, header: Sequence[str], words: Words) -> dict[str, Any]:
    known = fmt.lay_out(header, range(len(header)), {}).labels
    return {
        "name": fmt.name,
        "title": words.sentence(fmt.title),
        "needs_period": fmt.needs_period,
        "has_dates": bool(fmt.times),
        "fields": [
            {
                "label": f.labels[0],
                "title": words.sentence(column(f.labels[0])),
                "required": f.required,
                "column": known.get(f.name, ""),
            }
            for f in fmt.fields
        ],
    }


def offered_days(file: FileResult) -> list[str]:
    """Return the first and last day that a report's name holds, to be confirmed; else nothing."""
    offered = file.refusal.offered if isinstance(file.refusal, PeriodNeeded) else None
    return [day.isoformat() for day in offered or ()]


def reports_without_days(files: Sequence[FileResult]) -> list[dict[str, Any]]:
    """Return all that one dialog needs to ask for the days of several reports at once."""
    return [
        {"number": number, "name": Path(file.path).name, "days": offered_days(file)}
        for number, file in enumerate(files)
        if isinstance(file.refusal, PeriodNeeded)
    ]


def options_of(file: FileResult, answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer as options of :func:`~smtpauth_kit.loading.loading.load`.

    Raises
    ------
    KitError
        The period is not two days.

    Examples
    --------
    >>> options_of(FileResult("x.csv"), {"period": ["2026-11-16", "2026-11-22"]})
    {'period': (datetime.date(2026, 11, 16), datetime.date(2026, 11, 22))}
    """
    options: dict[str, Any] = {}
    if isinstance(file.refusal, ColumnsNeeded):
        there = set(file.refusal.samples)
        columns = {str(f): str(c) for f, c in answer.get("columns", {}).items() if c in there}
        options |= {"columns": columns, "format": str(answer["format"])}
    if order := answer.get("date_order"):
        options["date_order"] = str(order)
    if zone := answer.get("source_timezone"):
        options["source_timezone"] = str(zone)
    if any(days := answer.get("period") or []):
        options["period"] = _days(days)
    return options


def _days(days: Sequence[str]) -> tuple[dt.date, dt.date]:
    try:
        start, end = map(dt.date.fromisoformat, days)
    except ValueError:
        raise KitError("Choose both dates.") from None
    return start, end
