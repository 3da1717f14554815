"""A report as Markdown: its figures, busiest senders and files, every name of them escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from smtpauth_kit.reports import reconciliation_told, tenants_told, unusual
from smtpauth_kit.reports.report import Report
from smtpauth_kit.views import details_table, findings, reconciliation, tenants
from smtpauth_kit.views.breakdowns import AUTH, TLS, Breakdown
from smtpauth_kit.words.inert import show_invisible

MOST_INCIDENTS: Final = 100
"""So many incidents stand in the text, the one to look at first, first."""

MOST_SENDERS: Final = 200
"""So many senders stand in the text; the others are added up in its last row."""


def markdown(report: Report) -> str:
    """Return a report as Markdown: its figures, the busiest senders, the sum of the rest."""
    words = report.words
    volume = [
        (words.date(start), words.date(end), words.count(int(n)))
        for start, end, n in report.periods.itertuples(index=False)
    ]
    columns = details_table.tls_columns(report.senders, words)
    senders = report.top_senders(MOST_SENDERS)
    rows = [[details_table.cell(c, row, words) for c in columns] for row in senders]
    parts = [
        f"# {words('SMTP Auth clients report')}",
        _list(f"{label}: {text}" for label, text in report.about),
        *_unusual_parts(report),
        f"**{_inert(report.status)}**",
        f"## {words('Sending volume')}",
        _inert(report.finding("sending-volume")),
        _table([words("Start date"), words("End date"), words("Messages")], volume, 2),
        *_breakdown_parts(words("TLS usage"), report, TLS),
        *_breakdown_parts(words("Authentication protocol"), report, AUTH),
        f"## {words('Senders')}",
        _table([c.title for c in columns], rows, 1),
        _list(report.notes),
        *_tenant_parts(report),
        *_reconciled_parts(report),
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


def _unusual_parts(report: Report) -> list[str]:
    told, words = report.unusual, report.words
    if told is None:
        return []
    shown = unusual.rows(told, words)[:MOST_INCIDENTS]
    left = len(told.incidents) - len(shown)
    cells = ("severity", "subject", "happened", "days", "state", "next")
    heads = (
        "Severity", "Subject", "What happened", "Days", "State", "What to check next",
    )  # fmt: skip
    rows = [[row[name] for name in cells] for row in shown]
    lacking = findings.by_why(findings.unchecked(told.found, words))
    return [
        f"## {words('Unusual activity')}",
        f"**{_inert(findings.headline(told.found, told.filters, words))}**",
        _list(unusual.remarks(told, words)),
        _table([words(head) for head in heads], rows, len(cells)),
        _inert(words("and {n} more incidents", n=left)) if left else "",
        f"### {words('Not checked')}" if lacking else "",
        _list(f"{', '.join(titles)}: {why}" for why, titles in lacking),
    ]


def _tenant_parts(report: Report) -> list[str]:
    told, words = report.tenants, report.words
    if told is None:
        return []
    return [
        f"## {words(tenants.TITLE)}",
        f"**{_inert(tenants.finding(told, words))}**",
        _table(*tenants_told.text_table(told, words), 99),
    ]


def _reconciled_parts(report: Report) -> list[str]:
    told, words = report.reconciled, report.words
    if told is None:
        return []
    return [
        f"## {words(reconciliation.TITLE)}",
        f"**{_inert(reconciliation.finding(told.answer.rows, words))}**",
        _table(*reconciliation_told.text_table(told, words), 99),
        _list(reconciliation_told.text_notes(told, words)),
    ]


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
