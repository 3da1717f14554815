"""Parts of a screen as HTML: the cards, tables and lists that a notebook shows and keeps."""

from __future__ import annotations

import os
from typing import Any, Final

import pandas as pd
from markupsafe import Markup

from smtpauth_kit import answers
from smtpauth_kit.answers.devices import devices, devices_scope
from smtpauth_kit.answers.findings.incidents import Incident
from smtpauth_kit.answers.findings.proof.proof import Proof, proofs
from smtpauth_kit.answers.of_tenants import of_tenants
from smtpauth_kit.answers.sender import (
    ever,
    every_day,
    sender,
    sender_clients,
    sender_days,
    sender_subjects,
)
from smtpauth_kit.answers.senders_page import SendersPage
from smtpauth_kit.base.filters import ALL, Filters
from smtpauth_kit.loading.judging import is_judged_quickly
from smtpauth_kit.reports.rendering import picture, render
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.views import (
    finding_days,
    finding_proof,
    findings,
    insight_figures,
    json_rows,
    reconciliation,
    registry,
    sender_card,
    sender_page,
)
from smtpauth_kit.views.breakdowns import TLS
from smtpauth_kit.views.details_table import Column
from smtpauth_kit.views.insight_figures import Insight
from smtpauth_kit.views.notes import notes
from smtpauth_kit.views.over_time import breakdown_values, trend_chart
from smtpauth_kit.words.words import Words, speak

EXPORTING: Final = "SMTPAUTH_EXPORTING"
"""Set in the environment of a kernel whose notebook becomes a page: screens put all into it."""


def still_fragment(shown: dict[str, Any], page: SendersPage, words: Words) -> Markup:
    """Return what a report screen shows now, as a picture and some rows: nothing in it answers."""
    chart, view = shown.get("chart"), registry.NAMED[shown["view"]]
    svg = chart and picture(view.draw, chart["columns"], chart["values"], words)
    return render(
        "report_still.html",
        words,
        shown=shown,
        svg=svg,
        columns=view.columns(pd.DataFrame([page.totals]), words),
        rows=page.rows.to_dict("records"),
        more=page.row_count - len(page.rows),
    )


@of_tenants
def insight_fragment(engine: Engine, filters: Filters = ALL, language: str = "en") -> Markup:
    """Return the insight card alone, to stand in a page that has the scripts and the look."""
    card = insight_figures.ask(engine, answers.settle_scope(engine, filters))
    return insight_card(card, speak(language))


def insight_card(card: Insight, words: Words, unusual: str = "", level: str = "") -> Markup:
    """Draw the card of an insight, with what its flyout shows.

    `unusual` is what it says of unusual activity, and `level` how grave that is: warn, good or
    unknown; where it is empty the card says nothing of it.
    """
    shown = insight_figures.shown(card, words)
    return render("insight.html", words, unusual=unusual, unusual_level=level, **shown)


@of_tenants
def sender_fragment(
    engine: Engine, address: str, filters: Filters = ALL, language: str = "en"
) -> Markup:
    """Return everything known of one sender, to stand in a page that has the look."""
    words, scope = speak(language), answers.settle_scope(engine, filters.changed(sender=address))
    whole = every_day(engine, scope)
    days, clients = sender_days(engine, whole), sender_clients(engine, ever(engine, whole))
    subjects = sender_subjects(engine, whole)
    used = devices(engine, devices_scope(engine, whole.filters))
    used = used if (used["client_ip"] != "").any() else used.head(0)
    rows = sender(engine, scope).to_dict("records")
    row: dict[Any, Any] = rows[0] if rows else {"sender_address": address}
    values = breakdown_values(TLS, days, whole, whole.covered)
    values["asked"] = sender_card.asked(scope, whole)
    is_known = len(days) > 0 or len(clients) > 0
    return render(
        "sender.html",
        words,
        title=row["sender_address"],
        row=row,
        fields=sender_card.fields(row, words) if is_known else (),
        finding=sender_card.finding(int(row.get("message_count", 0)), days, scope, whole, words),
        trend=picture(trend_chart, json_rows.columns(days), values, words) if len(days) else None,
        clients=sender_card.shown_clients(clients).to_dict("records"),
        client_columns=sender_card.client_columns(clients, words),
        devices=sender_card.shown_devices(used, words).to_dict("records"),
        devices_title=sender_card.devices_title(used, row["sender_address"], words),
        device_columns=sender_card.device_columns(used, words),
        subjects=subjects.to_dict("records"),
        subjects_title=sender_card.subjects_title(subjects, words),
        subject_columns=sender_card.subject_columns(words),
        notes=notes(scope, words),
        **(_below(engine, address, filters, words) if is_known and _is_exporting() else {}),
    )


def _below(engine: Engine, address: str, filters: Filters, words: Words) -> dict[str, Any]:
    """Return what stands below a sender's card: what is unusual with its proof, then the rest."""
    parts, told = sender_page.parts(engine, address, filters, words), []
    asked = sender_page.of_every_day(filters, sender=address)
    if is_judged_quickly(engine, asked.source):
        found = findings.find(engine, asked)
        unusual = sender_page.unusual(found, words)
        worth = [each for each in found.incidents if each.severity != "low"][:MOST_TOLD]
        proved = proofs(engine, map(found.strongest, worth), asked, most=1)
        told = [_incident_told(*each, found, words) for each in zip(worth, proved, strict=True)]
    else:
        unusual = sender_page.not_judged(words)
    return {"unusual": unusual, "told": told, "parts": parts, "most": sender_page.MOST_ROWS}


def _is_exporting() -> bool:
    """Tell whether a notebook becomes a page: a saved one holds the card alone, and opens soon."""
    return bool(os.environ.get(EXPORTING))


MOST_INCIDENTS: Final = 200
"""Incidents of a static list; of more, how many others there are is said."""
MOST_TOLD: Final = 12
"""Incidents told with their proof below that list, of high and medium severity."""
_PROOF_ROWS: Final = 8
"""Rows of each table of a static proof."""


@of_tenants
def findings_fragment(engine: Engine, filters: Filters = ALL, language: str = "en") -> Markup:
    """Return unusual activity, to stand in a page that has the look: the list, then the proofs.

    The incidents that are to be looked at, today or this week, are told with their story, a chart
    of their days and where they came from; at the end stands what could not be checked.

    Raises
    ------
    UsageError
        The filters are none that findings have.
    """
    words, found = speak(language), findings.find(engine, filters)
    scope = answers.settle_scope(engine, Filters(source=filters.source))
    worth = [each for each in found.incidents if found.severity(each) != "low"][:MOST_TOLD]
    proved = proofs(engine, map(found.strongest, worth), filters, most=1)
    told = [_incident_told(*each, found, words) for each in zip(worth, proved, strict=True)]
    return render(
        "findings.html",
        words,
        headline=findings.headline(found, filters, words),
        checked=findings.checked(found, (scope.oldest, scope.newest), words),
        columns=findings.columns(words),
        rows=findings.rows(found, words)[:MOST_INCIDENTS],
        more=max(0, len(found.incidents) - MOST_INCIDENTS),
        told=told,
        not_checked=findings.by_why(findings.unchecked(found, words)),
    )


def _incident_told(
    incident: Incident, proved: Proof, found: findings.Found, words: Words
) -> dict[str, Any]:
    """Return what is told of an incident on a static page: its story, picture and tables."""
    told = finding_proof.told(incident, found, [proved], words)
    shown = told["proofs"][proved.finding.finding_id]
    chart = shown["chart"]
    draw = finding_days.CHARTS[chart["name"]]
    drawn = None
    if chart["columns"]["period_start"]:
        drawn = picture(draw, chart["columns"], chart["values"], words)
    tables = finding_proof.tables(proved, words, _PROOF_ROWS, rows=False)
    return {**told, "proof": shown, "picture": drawn, "tables": [_plain_table(t) for t in tables]}


def _plain_table(table: dict[str, Any]) -> dict[str, Any]:
    """Return a table of a proof as a template draws it: columns and rows as they are."""
    columns = [
        Column(each["name"], each["title"], each["kind"], tuple(each["of"]))
        for each in table["columns"]
    ]
    return {**table, "columns": columns, "rows": json_rows.records(table["rows"])}


STILL_ROWS: Final = 100
"""So many rows of a comparison stand in a saved notebook; an exported page may have more."""


@of_tenants
def reconciliation_fragment(engine: Engine, filters: Filters = ALL, language: str = "en") -> Markup:
    """Return what the sources count and why they differ, to stand in a page that has the look."""
    words = speak(language)
    answered = answers.ask(engine, "reconciliation", filters)
    scope, rows = answered.scope, answered.rows
    most = reconciliation.MOST_ROWS if _is_exporting() else STILL_ROWS
    if rows.empty:
        status = reconciliation.why_empty(scope, words)
    else:
        status = reconciliation.finding(rows, words)
    more = max(0, len(rows) - most)
    return render(
        "reconciliation.html",
        words,
        status=status,
        notes=reconciliation.notes(scope, words, more),
        **_reconciled(rows.head(most), words),
    )


def reconciliation_rows(rows: pd.DataFrame, offset: int, words: Words) -> Markup:
    """Return one page of these rows for a screen, whose buttons work."""
    shown = rows.iloc[offset : offset + reconciliation.PAGE_ROWS]
    pages = {"offset": offset, "page": reconciliation.PAGE_ROWS, "total": len(rows)}
    told = {**_reconciled(shown, words), "columns": reconciliation.columns(rows, words)}
    return render("reconciliation_rows.html", words, pages=pages, **told)


def _reconciled(rows: pd.DataFrame, words: Words) -> dict[str, Any]:
    return {
        "title": words(reconciliation.TITLE),
        "columns": reconciliation.columns(rows, words),
        "rows": reconciliation.shown_rows(rows, words),
    }


def empty_card(kind: str, title: str, text: str, words: Words) -> Markup:
    """Return a card that says nothing but why there is nothing to show."""
    return render("empty.html", words, kind=kind, title=title, text=text)


def table_fragment(
    rows: pd.DataFrame, columns: tuple[Column, ...], words: Words, label: str = ""
) -> Markup:
    """Return any answer as a plain HTML table with the kit's look."""
    return render("table.html", words, rows=rows.to_dict("records"), columns=columns, label=label)


def load_fragment(files: list[dict[str, Any]], status: str, words: Words) -> Markup:
    """Return how files ended as a table, with the line that sums it up."""
    return render("load.html", words, files=files, status=status, live=False)


def load_rows(files: list[dict[str, Any]], words: Words) -> Markup:
    """Return the rows of that table for a screen, whose buttons work."""
    return render("load_rows.html", words, files=files, live=True)


def load_rejected(file: dict[str, Any], words: Words) -> Markup:
    """Return a page of the rejected rows of a file."""
    return render("load_rejected.html", words, file=file, live=True)


def load_stored(files: list[dict[str, Any]], pages: dict[str, int], words: Words) -> Markup:
    """Return a page of the files of a store: `pages` has offset, page and total."""
    return render("load_stored.html", words, files=files, pages=pages, live=True)
