"""What a report's workbook holds: which sheets, with which columns; and its senders as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from smtpauth_kit import __version__
from smtpauth_kit.reports import (
    readiness_sheets,
    readiness_told,
    reconciliation_told,
    spreadsheets,
    tenants_told,
    unusual,
    unusual_sheets,
)
from smtpauth_kit.reports.report import Report
from smtpauth_kit.reports.spreadsheets import Diagram, Field, Sheet
from smtpauth_kit.views import details_table, findings
from smtpauth_kit.views.breakdowns import AUTH, TLS, Breakdown
from smtpauth_kit.words.words import Words


def xlsx(report: Report) -> bytes:
    """Return the report as a workbook: insight, volume, TLS, senders, findings, sources."""
    return spreadsheets.workbook(
        sheets(report),
        title=report.words("SMTP Auth clients report"),
        creator=f"smtpauth_kit {__version__}",
        made_at=report.made_at,
    )


def senders_csv(report: Report) -> str:
    """Return the senders as CSV."""
    return spreadsheets.csv_text(senders(report))


def sheets(report: Report) -> list[Sheet]:
    """Return the sheets of a report's workbook."""
    return [
        _insight(report),
        _volume(report),
        _split(report, "TLS usage", TLS),
        _split(report, "Authentication protocol", AUTH),
        senders(report),
        *(unusual_sheets.sheets(report.unusual, report.words) if report.unusual else []),
        *(readiness_sheets.sheets(report.readiness, report.words) if report.readiness else []),
        *(
            [reconciliation_told.sheet(report.reconciled, report.words)]
            if report.reconciled
            else []
        ),
        *([tenants_told.sheet(report.tenants, report.words)] if report.tenants else []),
        _sources(report),
    ]


def senders(report: Report) -> Sheet:
    """Return every sender of a report, a row each, with real numbers and days."""
    columns = list(sender_columns(report.words))
    names = [name for name, _ in columns]
    known = report.senders[names].astype(object)
    rows = known.where(known.notna(), None).itertuples(index=False, name=None)
    return Sheet(report.words("Senders"), tuple(field for _, field in columns), rows)


def sender_columns(words: Words) -> Iterator[tuple[str, Field]]:
    """Yield the answer's columns with their titles; what a screen shows in one cell are two."""
    for column in details_table.sender_fields(words):
        if column.kind != "tls":
            # A `part` is a count beside its total, which has a column of its own.
            kind = {"date": "date", "text": "text"}.get(column.kind, "count")
            yield column.name, Field(column.title, kind)  # type: ignore[arg-type]
            continue
        yield f"{column.name}_count", Field(column.title, "count")
        yield f"{column.name}_share", Field(f"{column.title} %", "share")


def _insight(report: Report) -> Sheet:
    words, row = report.words, report.insight.iloc[0]
    fields = Field(words("Figure")), Field(words("Value"), "any")
    titles = TLS.titles(words)
    figures: list[tuple[str, Any]] = [
        (words("Start date"), row["start_date"]),
        (words("End date"), row["end_date"]),
        (words("Accounts"), row["account_count"]),
        (words("Messages"), row["message_count"]),
        *((titles[each["tls_version"]], each["message_count"]) for each in row["tls_usage"]),
    ]
    said = [("", text) for text in (*report.notes, *report.closing)]
    return Sheet(
        words("Insight"),
        fields,
        [
            *figures,
            *report.about,
            *_unusual(report),
            *_readiness(report),
            *_reconciled(report),
            *said,
        ],
    )


def _unusual(report: Report) -> list[tuple[str, str]]:
    """Return how much is unusual, what that is of, and each rule that could not be checked."""
    told, words = report.unusual, report.words
    if told is None:
        return []
    lacking = findings.by_why(findings.unchecked(told.found, words))
    return [
        (words("Unusual activity"), findings.headline(told.found, told.filters, words)),
        *(("", text) for text in unusual.remarks(told, words)),
        *((words("Not checked"), f"{', '.join(titles)}: {why}") for why, titles in lacking),
    ]


def _readiness(report: Report) -> list[tuple[str, str]]:
    """Return who stops and when, and what does not narrow that."""
    told, words = report.readiness, report.words
    if told is None:
        return []
    said = [("", text) for text in readiness_told.remarks(told, words)]
    return [*readiness_sheets.summary(told, words), *said]


def _reconciled(report: Report) -> list[tuple[str, str]]:
    return reconciliation_told.summary(report.reconciled, report.words) if report.reconciled else []


def _volume(report: Report) -> Sheet:
    """Return a row for each period and a column for each domain, busiest first."""
    words, names, counts = report.words, dict[int, str](), dict[tuple[Any, Any, int], int]()
    for place, start, end, name, count in report.volume.itertuples(index=False):
        names[place] = words("Other domains") if name is None else str(name)
        counts[start, end, place] = int(count)
    fields = (
        Field(words("Start date"), "date"),
        Field(words("End date"), "date"),
        Field(words("All sender domains"), "count"),
        *(Field(name, "count") for name in names.values()),
    )
    rows = [
        (start, end, int(total), *(counts.get((start, end, place), 0) for place in names))
        for start, end, total in report.periods.itertuples(index=False)
    ]
    diagram = Diagram(words("Sending volume"), 0, 2, len(rows)) if rows else None
    return Sheet(words("Sending volume"), fields, rows, diagram)


def _split(report: Report, title: str, breakdown: Breakdown) -> Sheet:
    words, titles = report.words, breakdown.titles(report.words)
    rows = [(titles[value], count, share) for value, count, share in report.parts(breakdown)]
    fields = (
        Field(words(breakdown.heading)),
        Field(words("Messages"), "count"),
        Field(words("Share"), "share"),
    )
    return Sheet(words(title), fields, rows, Diagram(words(title), 0, 1, len(rows)))


def _sources(report: Report) -> Sheet:
    words = report.words
    fields = (
        Field(words("File")),
        Field(words("Format")),
        Field(words("Start date"), "date"),
        Field(words("End date"), "date"),
        Field(words("Messages"), "count"),
        Field(words("Rows read"), "count"),
        Field(words("Loaded"), "count"),
        Field(words("Duplicate"), "count"),
        Field(words("Rejected"), "count"),
        Field(words("Other"), "count"),
    )
    counts = ("message_count", "rows_read", "rows_loaded", "rows_duplicate", "rows_rejected",
              "rows_other")  # fmt: skip
    rows = [
        (
            file["name"],
            file["format"],
            *(file["period"] or (None, None)),
            *(int(file[name]) for name in counts),
        )
        for file in report.file_list
    ]
    return Sheet(words("Sources"), fields, rows)
