"""What the findings screen shows of its answer: the list of incidents, or why there is none.

Plain functions that may run on any thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from smtpauth_kit import answers
from smtpauth_kit.answers.findings.incidents import Incident
from smtpauth_kit.answers.findings.joining import Finding
from smtpauth_kit.answers.findings.proof.proof import Proof, proofs, who_was_there
from smtpauth_kit.answers.of_tenants import of_tenants
from smtpauth_kit.answers.stored import domains
from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.views import finding_proof, findings
from smtpauth_kit.views.details_table import table_data
from smtpauth_kit.views.findings import Found
from smtpauth_kit.words.words import Words

_MOST_ROWS: Final = 1_000
"""Rows that prove a finding and are read for its flyout: a tenant's may be millions."""


@dataclass(frozen=True)
class FindingsAnswer:
    """What is unusual under some filters, and what the screen shows of it."""

    found: Found
    shown: dict[str, Any]
    """What `findings_screen.js` draws."""


@of_tenants
def answer(engine: Engine, filters: Filters, words: Words) -> FindingsAnswer:
    """Ask what is unusual."""
    found = findings.find(engine, filters)
    scope = answers.settle_scope(engine, Filters(source=filters.source))
    days = scope.oldest, scope.newest
    lacking = findings.unchecked(found, words)
    shown = {
        **only_words(findings.headline(found, filters, words), words),
        "checked": findings.checked(found, days, words),
        "domains": list(domains(engine)["sender_domain"]),
        "not_checked": [
            {"why": why, "titles": list(titles)} for why, titles in findings.by_why(lacking)
        ],
        "empty": findings.why_empty(found, filters, words) or None,
    }
    if found.incidents:
        rows = pd.DataFrame(findings.rows(found, words), dtype=object)
        table = table_data(rows, findings.columns(words))
        table["rows"]["incident_id"] = rows["incident_id"].tolist()
        shown["table"] = table
    return FindingsAnswer(found, shown)


def only_words(text: str, words: Words) -> dict[str, Any]:
    """Return a screen that shows nothing but a sentence."""
    return {
        "title": words("Unusual activity"), "status": text, "checked": "", "empty": None,
        "not_checked": [], "domains": [],
    }  # fmt: skip


# --- the flyout of an incident -----------------------------------------------------------------


@of_tenants
def incident_told(
    engine: Engine, incident: Incident, found: Found, filters: Filters, words: Words
) -> dict[str, Any]:
    """Return all that an incident's flyout shows at first: its story, and its strongest proof."""
    strongest = found.strongest(incident)
    proof_of_it = proved(incident, strongest, filters, words, engine)
    told = finding_proof.told(incident, found, [], words)
    return {**told, "proofs": {strongest.finding_id: proof_of_it}}


def proved(
    incident: Incident, finding: Finding, filters: Filters, words: Words, engine: Engine
) -> dict[str, Any]:
    """Return the proof of a finding of an incident; `actions`: what can be asked from there."""
    (of_finding,) = proofs(engine, [finding], filters, _MOST_ROWS)
    told = finding_proof.proved(of_finding, words)
    return {**told, "actions": actions(incident, of_finding, words)}


def actions(incident: Incident, proved: Proof, words: Words) -> list[dict[str, Any]]:
    """Return what can be asked from a proof: a sender's page, who else was at its places.

    Each has text and ask: {"sender": address} or {"who": {"client_ip", "network"}}.
    """
    made: list[dict[str, Any]] = []
    if sender := _sender_of(incident, proved):
        text = words("Everything about {sender}", sender=sender)
        made.append({"text": text, "ask": {"sender": sender}})
    client_ip, network = _main_place(proved)
    if client_ip:
        text = words("Who else used {place}", place=client_ip)
        made.append({"text": text, "ask": {"who": {"client_ip": client_ip, "network": ""}}})
    if network:
        text = words("Who else used {place}", place=network)
        made.append({"text": text, "ask": {"who": {"client_ip": "", "network": network}}})
    return made


def _sender_of(incident: Incident, proved: Proof) -> str:
    """Return whose page tells more: the subject's, or the first account's at an address."""
    of_one = {"sender", "account"}
    for each in (proved.finding, *incident.findings):
        if each.subject_kind in of_one:
            return each.subject
    accounts = [account for account in proved.finding.accounts if "@" in account]
    return accounts[0] if accounts else ""


def _main_place(proved: Proof) -> tuple[str, str]:
    """Return the client address and the network that a finding is most of: of new ones first."""
    places = proved.places
    if places.empty:
        return "", ""
    if proved.finding.subject_kind == "client_ip":
        return proved.finding.subject, str(places.iloc[0]["network"] or "")
    during = [
        row
        for row in places.to_dict("records")
        if row["messages_during"] + row["successes_during"] + row["failures_during"]
    ]
    if not during:
        return "", ""
    used = _addresses_used(proved)
    row = during[0]  # Those that are new to the subject stand before what it always used.
    mine = [address for address in used if address in row["client_ips"]]
    return str((mine or list(row["client_ips"]) or [""])[0]), str(row["network"] or "")


def _addresses_used(proved: Proof) -> list[str]:
    """Return the client addresses of the rows that prove a finding, the most frequent first."""
    rows = proved.evidence.rows
    if "client_ip" not in rows:
        return []
    return [str(address) for address in rows["client_ip"].value_counts().index if address]


def who_told(
    engine: Engine, asked: dict[str, Any], filters: Filters, words: Words
) -> dict[str, Any]:
    """Return who was at an address, on a network or in a country: title, text, table of a flyout.

    Raises
    ------
    UsageError
        None of them is asked for.
    """
    named = ("client_ip", "network", "country")
    client_ip, network, country = (str(asked.get(name) or "") for name in named)
    if not client_ip and not network and not country:
        raise UsageError("Which address or network? Choose one that the finding names.")
    there = who_was_there(engine, client_ip, network, filters, country)
    place = client_ip or network or country
    users = int((there["used_days"] > 0).sum()) if client_ip else len(
        set(there.loc[there["used_days"] > 0, "account"])
    )  # fmt: skip
    failed = len(set(there["account"])) - len(set(there.loc[there["used_days"] > 0, "account"]))
    said = words("{used} used it, {failed} only failed there.", used=users, failed=failed)
    title = words("Who used {place}", place=place)
    return {
        "title": title,
        "text": said,
        "table": finding_proof.who_table(title, there, words),
    }
