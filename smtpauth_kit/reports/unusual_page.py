"""What is unusual as a part of a page: incidents with their story, and evidence that opens."""

from __future__ import annotations

from typing import Any, Final

from markupsafe import Markup

from smtpauth_kit.answers.findings.incidents import Incident
from smtpauth_kit.answers.findings.proof.proof import Proof
from smtpauth_kit.reports import cube, unusual
from smtpauth_kit.reports.rendering import embed, picture, render
from smtpauth_kit.reports.unusual import Unusual
from smtpauth_kit.views import charts, finding_days, finding_proof, findings, json_rows
from smtpauth_kit.views.details_table import Column
from smtpauth_kit.words.words import Words

MOST_INCIDENTS: Final = 100
"""So many incidents stand on a page, the one to look at first, first."""

MOST_ON_PAPER: Final = 10
"""So many incidents to look at today have their evidence printed: of each its strongest."""

_PAPER_ROWS: Final = 20


def section(told: Unusual, words: Words, *, paper: bool = False) -> Markup:
    """Return the part of a page about what is unusual.

    Its evidence is packed in it, and opens by the page's script; on `paper` that of the first
    incidents to look at today stands below each.
    """
    shown = told.incidents[:MOST_INCIDENTS]
    left = len(told.incidents) - len(shown)
    return render(
        "unusual.html",
        words,
        headline=findings.headline(told.found, told.filters, words),
        remarks=unusual.remarks(told, words),
        incidents=[_incident(told, each, words, paper) for each in shown],
        more=words("and {n} more incidents", n=left) if left else "",
        unchecked=findings.by_why(findings.unchecked(told.found, words)),
        paper=paper,
        data=None if paper or not told.proofs else _packed(told, shown, words),
    )


def _incident(told: Unusual, incident: Incident, words: Words, paper: bool) -> dict[str, Any]:
    proofs = told.proved(incident)
    is_proved_here = paper and incident in told.to_look_at[:MOST_ON_PAPER]
    strongest = told.strongest(incident).finding_id
    on_paper = [each for each in proofs if is_proved_here and each.finding.finding_id == strongest]
    return {
        **unusual.row(told, incident, words),
        "story": findings.story(incident, told.found, words),
        "proved": bool(proofs),
        "proofs": [_drawn(each, words) for each in on_paper],
    }


def _drawn(held: Proof, words: Words) -> dict[str, Any]:
    """Return a proof as paper shows it, its chart as a picture."""
    proof = finding_proof.proved(held, words, _PAPER_ROWS)
    chart = proof["chart"]
    svg = None
    if chart["columns"]["period_start"]:
        draw = finding_days.CHARTS[chart["name"]]
        svg = picture(draw, chart["columns"], chart["values"], words)
    tables = [
        {
            **each,
            "columns": [_column(column) for column in each["columns"]],
            "rows": json_rows.records(each["rows"]),
        }
        for each in proof["tables"]
    ]
    return {**proof, "picture": svg, "tables": tables}


def _column(told: dict[str, Any]) -> Column:
    return Column(told["name"], told["title"], told["kind"])


def _packed(told: Unusual, shown: tuple[Incident, ...], words: Words) -> str:
    """Return what the script of a page needs to open evidence, packed."""
    data = {
        "words": words.for_script(),
        "charts": {
            name: charts.empty_vega(draw, words) for name, draw in finding_days.CHARTS.items()
        },
        "incidents": {
            incident.incident_id: _opened(told, incident, words)
            for incident in shown
            if told.proved(incident)
        },
    }
    return cube.pack(embed(data).encode())


def _opened(told: Unusual, incident: Incident, words: Words) -> dict[str, Any]:
    """Return what opens of an incident: as `finding_proof.told`, with what is held of its story."""
    held = told.proofs or {}
    ids = [each.finding_id for each in incident.story if each.finding_id in held]
    proofs = [held[each] for each in ids]
    strongest = told.strongest(incident).finding_id
    shown = strongest if strongest in ids else ids[0]
    return finding_proof.told(incident, told.found, proofs, words, shown)
