"""The files of the sample: which there are, and what each holds of the ledger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from smtpauth_kit.sample import (
    message_exports,
    requested_report,
    setting_exports,
    sign_in_exports,
    story,
)
from smtpauth_kit.sample.ledger import (
    CUT_TRACE,
    EXPORTED_AT,
    LATE_WEEK,
    RENEWED_WEEK,
    SIGN_IN_DAYS,
    TRACE_DAYS,
    Attempt,
    Ledger,
    Message,
    as_reported,
    report_weeks,
)
from smtpauth_kit.sample.making import make_ledger
from smtpauth_kit.sample.same_bytes import gzipped, zipped

Period = tuple[dt.date, dt.date]
_DAY: Final = dt.timedelta(days=1)
_EXPORT_DAY: Final = story.LAST_DAY
_PORTAL: Final = "Entra portal CSV"


@dataclass(frozen=True)
class SampleFile:
    """One file of `data/sample/`: what it is, and what to say when it is loaded."""

    name: str
    what: str
    source: str
    period: Period | None
    """What `--period` must say: reports and settings have no day of their own."""
    days: Period
    """The slice of the ledger it holds."""
    until: dt.datetime | None = None
    """When it was exported, where its days were not over; of a cut trace, where it ends."""


def manifest() -> list[SampleFile]:
    """Return every sample file, in the order a newcomer would load them.

    Examples
    --------
    >>> manifest()[15].name
    'smtp_auth_report_2026-11-16_2026-11-22.csv'
    """
    last, settings = story.LAST_DAY, (_EXPORT_DAY, _EXPORT_DAY)
    traced = (last - (TRACE_DAYS - 1) * _DAY, last)
    signed = (last - (SIGN_IN_DAYS - 1) * _DAY, last)
    week = report_weeks()[-1]
    span = f"{signed[0]}_{signed[1]}"
    reports = [each for w in report_weeks() for each in _reports(w)]
    requested = SampleFile(
        requested_report.NAME, "requested report, 30 days", "requested_report", None,
        (story.REQUESTED_FROM, last),
    )  # fmt: skip
    return [
        requested,
        *reports,
        SampleFile("submission_log.csv.gz", "submission log, 100 days", "submission_log", None,
                   (story.FIRST_DAY, last)),
        SampleFile("message_trace_extended.zip", "extended message trace", "extended_trace", None,
                   traced),
        SampleFile("message_trace_first_1000_rows.zip", "cut extended message trace",
                   "extended_trace", None, (CUT_TRACE[0].date(), CUT_TRACE[1].date()),
                   CUT_TRACE[1]),
        SampleFile(f"InteractiveSignIns_{span}.csv", _PORTAL, "sign_in_log", None, signed),
        SampleFile(f"NonInteractiveSignIns_{span}.csv", _PORTAL, "sign_in_log", None, signed),
        SampleFile("graph_signIns.json.gz", "Graph signIns, last week", "sign_in_log", None, week),
        SampleFile("CASMailbox.csv", "Get-CASMailbox", "settings", settings, settings),
        SampleFile("TransportConfig.csv", "Get-TransportConfig", "settings", settings, settings),
    ]  # fmt: skip


def _reports(week: Period) -> Iterator[SampleFile]:
    """Yield the reports of a week: one, an early one before it, or an early one alone."""
    name, early = f"smtp_auth_report_{week[0]}_{week[1]}", dt.datetime.combine(week[1], EXPORTED_AT)
    if week[0] == LATE_WEEK:
        # Packed: the archive remembers when it was exported.
        yield SampleFile(f"{name}.zip", "weekly EAC report, too early", "report", week, week, early)
        return
    if week[0] == RENEWED_WEEK:
        yield SampleFile(
            f"{name}-early.csv", "weekly EAC report, too early", "report", week, week, early
        )
    yield SampleFile(f"{name}.csv", "weekly EAC report", "report", week, week)


def messages_in(entry: SampleFile, ledger: Ledger) -> list[Message]:
    """Return the messages of the ledger that a file holds; none for sign-ins and settings.

    As they truly were, but for the address that a report counts them under: what the file's source
    cannot tell of them is `Ledger.seen_by`'s.
    """
    if entry.source in ("sign_in_log", "settings"):
        return []
    held = [
        m
        for m in ledger.messages
        if entry.days[0] <= m.day <= entry.days[1] and entry.source not in m.not_told_by
    ]
    if entry.until is not None:
        held = [m for m in held if m.sent_at < entry.until]
    return list(map(as_reported, held)) if entry.source == "report" else held


def attempts_in(entry: SampleFile, ledger: Ledger) -> list[Attempt]:
    """Return the attempts of the ledger that a file holds, other client apps among them."""
    if entry.source != "sign_in_log":
        return []
    within = [a for a in ledger.attempts if entry.days[0] <= a.at.date() <= entry.days[1]]
    if entry.what != _PORTAL:
        return within
    interactive = entry.name.startswith("Interactive")
    return [a for a in within if a.interactive is interactive]


def write_samples(folder: Path) -> list[Path]:
    """Write every sample export into a folder; the same bytes each time."""
    ledger = make_ledger()
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for entry in manifest():
        path = folder / entry.name
        path.write_bytes(_content(entry, ledger))
        paths.append(path)
    return paths


def _content(entry: SampleFile, ledger: Ledger) -> bytes:
    of_messages: dict[str, Callable[[list[Message]], bytes]] = {
        "requested_report": lambda messages: gzipped(requested_report.content(messages)),
        "report": message_exports.report,
        "submission_log": message_exports.submission_log,
        "extended_trace": partial(
            message_exports.extended_trace,
            name=entry.name.replace(".zip", ".csv"),
            at=dt.datetime(2026, 11, 13 if entry.until else 23, 8),
        ),
    }
    if entry.source in of_messages:
        content = of_messages[entry.source](messages_in(entry, ledger))
        if entry.source == "report" and entry.name.endswith(".zip") and entry.until:
            return zipped(entry.name.replace(".zip", ".csv"), content, entry.until)
        return content
    if entry.what == _PORTAL:
        # The portal writes no byte order mark in some downloads and one in others.
        marked = entry.name.startswith("Non")
        return sign_in_exports.portal(attempts_in(entry, ledger), marked=marked)
    if entry.source == "sign_in_log":
        return sign_in_exports.graph(attempts_in(entry, ledger))
    if entry.what == "Get-CASMailbox":
        return setting_exports.mailboxes(ledger)
    return setting_exports.tenant(ledger)
