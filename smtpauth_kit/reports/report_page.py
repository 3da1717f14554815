"""A report as one HTML page that answers offline, as its screen alone, and as pages to print."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any, Final

from markupsafe import Markup

from smtpauth_kit.answers.scope import TOP
from smtpauth_kit.answers.untold import NEWEST
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.base.names import AUTH_PROTOCOLS, TLS_VERSIONS
from smtpauth_kit.reports import (
    cube,
    pdf,
    readiness_part,
    reconciliation_told,
    tenants_told,
    unusual_page,
)
from smtpauth_kit.reports.fragments import insight_card
from smtpauth_kit.reports.offline_page import page
from smtpauth_kit.reports.rendering import embed, render
from smtpauth_kit.reports.report import Report
from smtpauth_kit.reports.report_sheets import sender_columns
from smtpauth_kit.values import addresses
from smtpauth_kit.views import charts, details_table, filter_words, findings, registry
from smtpauth_kit.views.breakdowns import AUTH, TLS
from smtpauth_kit.views.details_table import Column
from smtpauth_kit.views.filter_words import source_title
from smtpauth_kit.views.notes import overlapped_notes
from smtpauth_kit.views.over_days import parts_of
from smtpauth_kit.views.over_time import trend_chart
from smtpauth_kit.words.words import languages, speak

STATIC_ROWS: Final = 200
"""So many senders stand in the page itself, for a reader without scripts."""

PAPER_ROWS: Final = 2_000
"""So many senders are printed: some forty sheets; a workbook holds them all."""


def html(report: Report) -> str:
    """Return the whole report: one page that asks nothing of any network, in every language."""
    others = [name for name in languages() if name != report.words.language]
    return page(
        words=report.words,
        title=_title(report),
        template="report.html",
        report=report,
        screens=_screens(report, screen(report)),
        others=[_other_language(replace(report, words=speak(name))) for name in others],
    )


def _other_language(report: Report) -> dict[str, str]:
    """Return what a page in another language holds of this report: its words and data.

    Its charts and table are drawn by the page's script when a reader asks for the language.
    """
    own = _screen(report, data=page_data(report), most=0, drawn=False)
    screens = _screens(report, own)
    main = render(
        "report.html",
        report.words,
        report=report,
        screens=screens,
        title=_title(report),
        bare=True,
    )
    return {
        "language": report.words.language,
        "name": report.words.name,
        "main": cube.pack(main.encode()),
    }


def paper(report: Report) -> str:
    """Return the page to print: no scripts, no controls, more senders."""
    return page(
        words=report.words,
        title=_title(report),
        template="report.html",
        report=report,
        screens=_screens(report, _screen(report, most=PAPER_ROWS), paper=True),
        alive=False,
    )


def pdf_file(report: Report) -> bytes:
    """Return the report on A4, printed by the Chromium, Chrome or Edge of this machine.

    Raises
    ------
    KitError
        There is none, or it did not print.
    """
    return pdf.printed(paper(report))


def screen(report: Report) -> Markup:
    """Return the report's screen alone, for a page that has the scripts and the look."""
    return _screen(report, facts=packed_counts(report), data=page_data(report))


def _screen(
    report: Report,
    *,
    facts: str | None = None,
    data: dict[str, Any] | None = None,
    most: int = STATIC_ROWS,
    drawn: bool = True,
) -> Markup:
    """Return the screen with the `most` busiest senders in it; charts are empty if not `drawn`."""
    return render(
        "report_screen.html",
        report.words,
        report=report,
        drawings=report.drawings if drawn else _undrawn(report, below=False),
        more=report.drawings_below if drawn else _undrawn(report, below=True),
        columns=details_table.tls_columns(report.senders, report.words),
        rows=report.top_senders(most) if most else [],
        facts=facts,
        data=data and cube.pack(embed(data).encode()),
    )


def _undrawn(report: Report, *, below: bool) -> list[tuple[str, str, str, Markup]]:
    """Return the views with an empty picture, for a page whose script draws them."""
    return [
        (view.name, report.words(view.title), report.finding(view.name), Markup())
        for view in registry.ON_PAGES
        if bool(view.below) is below
    ]


def _screens(report: Report, own: Markup, *, paper: bool = False) -> list[Markup]:
    """Return the parts of a page: insight, what is unusual, the report itself, and more."""
    told, words = report.unusual, report.words
    parts = [_insight_card(report)]
    if report.tenants:
        parts.append(tenants_told.section(report.tenants, words))
    if told:
        parts.append(unusual_page.section(told, words, paper=paper))
    parts.append(own)
    if report.readiness:
        parts.append(readiness_part.page_section(report.readiness, words, paper=paper))
    if report.reconciled:
        parts.append(reconciliation_told.section(report.reconciled, words, paper=paper))
    return parts


def _insight_card(report: Report) -> Markup:
    card, told, words = replace(report.card, scope=report.scope), report.unusual, report.words
    if told is None:
        return insight_card(card, words)
    level = "warn" if told.to_look_at else "good" if told.found.rule_count else "unknown"
    return insight_card(card, words, findings.headline(told.found, told.filters, words), level)


def _title(report: Report) -> str:
    return report.words("SMTP Auth clients report")


def packed_counts(report: Report) -> str:
    """Return the counts behind a page, packed: its script adds them up for each choice."""
    whole = report.everything or report
    reports = whole.scope.counted + whole.scope.overlapped
    return cube.packed(whole.held.daily, whole.held.senders, _key, reports)


def page_data(report: Report) -> dict[str, Any]:
    """Return what the script of a page needs beside the facts, ready for JSON."""
    always = report.filters.changed(domains=()) if report.everything else report.filters
    conditions = Filters(min_messages=always.min_messages, senders=always.senders)
    return {
        "words": report.words.for_script(),
        "charts": {
            "trend": charts.empty_vega(trend_chart, report.words),
            **{view.name: charts.empty_vega(view.draw, report.words) for view in registry.ON_PAGES},
        },
        "start": _iso(report.scope.start),
        "end": _iso(report.scope.end),
        "covered": [day.isoformat() for day in report.held.covered],
        "parts": parts_of(report.scope),
        # Said anew of each choice.
        "overlapped": overlapped_notes(report.scope, report.words),
        "source": source_title(report.scope.source, report.words),
        "columns": {
            name: _dicts(registry.NAMED[name].columns(report.senders, report.words))
            for name in registry.CHOICES
        },
        "numbers": {
            name: registry.NAMED[name].numbers(rows, report.words, parts_of(report.scope))[
                "columns"
            ]
            for name, rows in report.figures.items()
        },
        "views": {
            view.name: {"figure": view.figure, "field": view.field} for view in registry.ON_PAGES
        },
        "below": {
            name: [view.name for view in registry.below(name) if view.figure]
            for name in registry.CHOICES
        },
        "top": TOP,
        "csv": [{"name": name, **vars(field)} for name, field in sender_columns(report.words)],
        "filters": filter_words.active(always.changed(min_messages=0, senders=()), report.words),
        # Of these days as a whole: a page cannot ask again who they are of fewer.
        "conditions": filter_words.active(conditions, report.words),
        "not_shown": any(report.scope.not_shown.values()),
        "filtered": bool(filter_words.active(report.filters, report.words)),
        "domains": [addresses.domain_key(name) for name in report.filters.domains]
        if report.everything
        else [],
        "fields": _dicts(details_table.sender_fields(report.words)),
        "tls_versions": TLS_VERSIONS,
        "titles": {each.column: each.titles(report.words) for each in (TLS, AUTH)},
        "headings": {each.column: report.words(each.heading) for each in (TLS, AUTH)},
        "auth_protocols": AUTH_PROTOCOLS,
        "untold": [name for name in ("none", NEWEST) if name in report.scope.untold],
    }


def _key(address: str) -> str:
    """Return the form addresses are compared in: days may show one sender in several ways."""
    return addresses.account(address).key


def _iso(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()


def _dicts(columns: tuple[Column, ...]) -> list[dict[str, Any]]:
    return [column.as_dict() for column in columns]
