"""The report on screen as a file: its senders as CSV, or all of it as a workbook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from smtpauth_kit.answers import Scope
from smtpauth_kit.base.conditions import Clause, both
from smtpauth_kit.base.filters import ALL, Filters
from smtpauth_kit.reports.forms import form_named
from smtpauth_kit.reports.report import build_report
from smtpauth_kit.store.engine import Engine

FORMS: Final = ("csv", "xlsx")
"""The forms a live report is offered in."""


@dataclass(frozen=True)
class Download:
    """A file for the browser to keep."""

    name: str
    media_type: str
    content: bytes


def as_shown(scope: Scope, search: str) -> Filters:
    """Return the filters of what is on screen: its days and source, and the senders searched for.

    >>> as_shown(settle_scope(store), "scan").senders
    ((Clause(field='sender_address', operator='contains', value='scan'),),)
    """
    days = {"start": scope.start, "end": scope.end, "as_of": None}
    settled = scope.filters.changed(**days, source=scope.messages_source or scope.filters.source)
    if not search.strip():
        return settled
    found = [Clause("sender_address", "contains", search.strip())]
    return settled.changed(senders=both(settled.senders, found))


def download(
    engine: Engine, filters: Filters, form: str, language: str, findings: Filters = ALL
) -> Download:
    """Return the report of these filters as a file in one of `FORMS`.

    What is unusual is told of `findings`, the filters as they were chosen: a day or source that
    the screen settled on narrows it no further.

    >>> download(store, Filters(), "csv", "en").name
    'smtp-auth-report_2026-11-16_2026-11-22.csv'
    """
    made = form_named(form)
    told = findings if made.tells_findings else None
    report = build_report(engine, filters, language, findings=told, proved=made.proves_findings)
    days = f"{report.scope.start}_{report.scope.end}"
    return Download(f"smtp-auth-report_{days}.{form}", made.media_type, made.file(report))
