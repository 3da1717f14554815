"""A report as sheets and as Markdown: the same figures and words in another form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from smtpauth_kit.reports.spreadsheets import Diagram, Field, Sheet
from smtpauth_kit.views import details_table
from smtpauth_kit.views.breakdowns import AUTH, TLS, Breakdown
from smtpauth_kit.words.inert import show_invisible
from smtpauth_kit.words.words import Words

if TYPE_CHECKING:
    from smtpauth_kit.reports.reports import Report

MOST_DOMAINS: Final = 250
"""So many domains have a column of their own in the volume sheet; a sheet holds 16,384."""


def sheets(report: Report) -> list[Sheet]:
    """Return the sheets of a report's workbook."""
    return [
        _insight(report),
        _volume(report),
        _split(report, "TLS usage", TLS),
        _split(report, "Authentication protocol", AUTH),
        senders(report),
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
        (words("Accounts"), int(row["account_count"])),
        (words("Messages"), int(row["message_count"])),
        *((titles[each["tls_version"]], int(each["message_count"])) for each in row["tls_usage"]),
    ]
    said = [("", text) for text in (*report.notes, *report.closing)]
    return Sheet(words("Insight"), fields, [*figures, *report.about, *said])


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
    diagram = Diagram(words("Sending volume"), 1, 3, len(rows)) if rows else None
    return Sheet(words("Sending volume"), fields, rows, diagram)


def _split(report: Report, title: str, breakdown: Breakdown) -> Sheet:
    words, titles = report.words, breakdown.titles(report.words)
    rows = [(titles[value], count, share) for value, count, share in report.parts(breakdown)]
    fields = (
        Field(words(breakdown.heading)),
        Field(words("Messages"), "count"),
        Field(words("Share"), "share"),
    )
    return Sheet(words(title), fields, rows, Diagram(words(title), 1, 2, len(rows)))


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


# --- Markdown ------------------------------------------------------------------------------


def markdown(report: Report, most: int) -> str:
    """Return a report as Markdown: its figures, the busiest senders, the sum of the rest."""
    words = report.words
    volume = [
        (words.date(start), words.date(end), words.count(int(n)))
        for start, end, n in report.periods.itertuples(index=False)
    ]
    columns = details_table.tls_columns(report.senders, words)
    senders = report.top_senders(most)
    rows = [[details_table.cell(c, row, words) for c in columns] for row in senders]
    parts = [
        f"# {words('SMTP Auth clients report')}",
        _list(f"{label}: {text}" for label, text in report.about),
        f"**{_inert(report.status)}**",
        f"## {words('Sending volume')}",
        _inert(report.finding("sending-volume")),
        _table([words("Start date"), words("End date"), words("Messages")], volume, 2),
        *_breakdown_parts(words("TLS usage"), report, TLS),
        *_breakdown_parts(words("Authentication protocol"), report, AUTH),
        f"## {words('Senders')}",
        _table([c.title for c in columns], rows, 1),
        _list(report.notes),
        f"## {words('Sources')}",
        _list(f"{f['name']} · {f['format']}" for f in report.file_list),
        _list(report.closing),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _breakdown_parts(title: str, report: Report, breakdown: Breakdown) -> tuple[str, str]:
    words, titles = report.words, breakdown.titles(report.words)
    rows = [
        (titles[value], words.count(count), words.percent(share, 2))
        for value, count, share in report.parts(breakdown)
    ]
    head = words(breakdown.heading), words("Messages"), words("Share")
    return f"## {title}", _table(head, rows, 1)


_MARKS: Final = re.compile(r"([\\`*_{}\[\]<>|~&$#!])")


def _inert(text: str) -> str:
    r"""Return text that Markdown shows as it is: no markup, no link, no HTML, one line.

    >>> _inert("[x](https://evil.example) <b> \u202e")
    '\\[x\\](https:\\//evil.example) \\<b\\> \\[U+202E\\]'
    """
    return (
        _MARKS.sub(r"\\\1", show_invisible(text)).replace("://", r":\//").replace("www.", r"www\.")
    )


def _list(texts: Iterable[str]) -> str:
    return "\n".join(f"- {_inert(text)}" for text in texts)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], numbers_from: int) -> str:
    """Return a table, its columns from `numbers_from` on at the right."""
    if not rows:
        return ""
    rules = ["---:" if n >= numbers_from else "---" for n in range(len(head))]
    lines = [[_inert(text) for text in row] for row in (head, *rows)]
    lines.insert(1, rules)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
