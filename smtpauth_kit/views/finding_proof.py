"""What proves a finding, to be shown: a chart of its days, tables of its places and sign-ins, rows.

`proved` makes all of it as JSON can hold it: a flyout of a screen and one of an exported page draw
the same (`static/findings.js`), and a workbook or a static page takes the tables.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, Final

import pandas as pd

from smtpauth_kit.answers.findings.incidents import Incident
from smtpauth_kit.answers.findings.proof.proof import Proof, sign_in_days
from smtpauth_kit.views import finding_days, findings
from smtpauth_kit.views.breakdowns import auth_titles, tls_titles
from smtpauth_kit.views.details_table import Column, table_data
from smtpauth_kit.views.findings import Found
from smtpauth_kit.views.sender_card import days_text
from smtpauth_kit.words.inert import cut
from smtpauth_kit.words.words import Words

MOST_ROWS: Final = 50
"""Rows of one table of a proof; of more, the first are shown and the number of others is said."""
_MOST_ADDRESSES: Final = 4
"""Client addresses named in one cell."""
_MOST_SIGNS: Final = 300
"""Of one cell: a message may have thousands of recipients."""


def proved(proof: Proof, words: Words, most: int = MOST_ROWS) -> dict[str, Any]:
    """Return all that is shown of what proves a finding, ready for JSON.

    Returns
    -------
    dict
        finding_id, heading (of its rule); chart: {name ("messages" or "sign_ins": one of
        `finding_days.CHARTS`), heading, columns, values, label (what it shows, as a sentence),
        help, table: its numbers, as `drawTable` takes them}; tables: [{title, columns, rows, more
        (a sentence, empty where all rows are there)}], those without a row left out; texts: as
        `findings.texts`.
    """
    finding = proof.finding
    chart_columns, values = finding_days.days_data(proof, words)
    heading = words("Messages per day") if proof.counts == "messages" else words("Sign-ins per day")
    return {
        "finding_id": finding.finding_id,
        "heading": findings.title(finding.rule, words),
        "chart": {
            "name": proof.counts,
            "heading": f"{heading}: {findings.subject_text(finding, words)}",
            "columns": chart_columns,
            "values": values,
            "label": finding_days.days_finding(proof, words),
            "help": finding_days.band_text(words),
            "table": finding_days.days_table(proof, words),
        },
        "tables": tables(proof, words, most),
        "texts": findings.texts(finding.rule, words),
    }


def told(
    incident: Incident, found: Found, proofs: Iterable[Proof], words: Words, shown: str = ""
) -> dict[str, Any]:
    """Return all that a flyout shows of an incident, ready for JSON.

    Parameters
    ----------
    proofs
        Of findings of its story, those that are to be at hand; others are asked for.
    shown
        The finding whose proof is shown at first; empty: the strongest.

    Returns
    -------
    dict
        incident_id, title (whom it is about), level and severity (of what is still new of it),
        when, state, state_text; story: as `findings.story`; shown; proofs: as `proved`, by the ids
        of their findings.
    """
    state, strongest = found.state(incident), found.strongest(incident)
    return {
        "incident_id": incident.incident_id,
        "title": findings.subject_text(incident, words),
        "level": strongest.severity,
        "severity": findings.severity_text(strongest.severity, words),
        "when": findings.when_text(incident, words),
        "state": state.state,
        "state_text": findings.state_text(state, words),
        "story": findings.story(incident, found, words),
        "shown": shown or strongest.finding_id,
        "proofs": {proof.finding.finding_id: proved(proof, words) for proof in proofs},
    }


def tables(
    proof: Proof, words: Words, most: int = MOST_ROWS, *, rows: bool = True
) -> list[dict[str, Any]]:
    """Return the tables of a proof: places, successful sign-ins, failed ones, the rows themselves.

    With `rows=False` the rows themselves are left out: where a page has to stay short.

    Each has title, columns and rows (`drawTable` takes them), more, and `row_count`: of all rows.
    """
    made = [
        (_places_title(proof, words), *_places(proof, words)),
        *_sign_ins(proof, words),
    ]
    shown = [_table(*each, most, words) for each in made if len(each[1])]
    proving, columns = _evidence(proof, words)
    if rows and len(proving):
        title, count = words("Rows that prove it"), proof.evidence.row_count
        shown.append(_table(title, proving, columns, most, words, count))
    return shown


Columns = tuple[Column, ...]


def _table(
    title: str,
    rows: pd.DataFrame,
    columns: Columns,
    most: int,
    words: Words,
    row_count: int | None = None,
) -> dict[str, Any]:
    told = tuple(column for column in columns if _says_something(rows[column.name]))
    count = len(rows) if row_count is None else row_count
    more = count - min(most, len(rows))
    return {
        "title": title,
        **table_data(rows.head(most), told),
        "more": words("The first {n} of {all} rows.", n=min(most, len(rows)), all=count)
        if more > 0
        else "",
        "row_count": count,
    }


def _says_something(cells: pd.Series[Any]) -> bool:
    return any(cell not in (None, "", []) and cell == cell for cell in cells.tolist())


# --- places ------------------------------------------------------------------------------------


def _places_title(proof: Proof, words: Words) -> str:
    if proof.finding.subject_kind == "client_ip":
        return words("Who used this address")
    return words("Networks and countries, before and on these days")


def _places(proof: Proof, words: Words) -> tuple[pd.DataFrame, Columns]:
    if proof.finding.subject_kind == "client_ip":
        return who_rows(proof.places), who_columns(words)
    if proof.places.empty:
        return proof.places, ()
    rows = _plain(proof.places)
    rows["client_ips"] = [_named(each) for each in rows["client_ips"]]
    known = rows["days_before"] > 0
    rows["known"] = [
        words("used on {n} days before", n=int(n)) if is_known else words("new")
        for n, is_known in zip(rows["days_before"], known, strict=True)
    ]
    columns = (
        Column("network", words("Network")),
        Column("country", words("Country")),
        Column("known", words("Known")),
        Column("messages_before", words("Messages before"), "count"),
        Column("messages_during", words("Messages on these days"), "count"),
        Column("successes_before", words("Sign-ins before"), "count"),
        Column("successes_during", words("Sign-ins on these days"), "count"),
        Column("failures_before", words("Failures before"), "count"),
        Column("failures_during", words("Failures on these days"), "count"),
        Column("client_ips", words("Client IP")),
        Column("first_at", words("First seen")),
        Column("last_at", words("Last seen")),
    )
    return rows, columns


def who_rows(there: pd.DataFrame) -> pd.DataFrame:
    """Return who was at an address or on a network, as `who_columns` shows it."""
    return _plain(there)


def who_columns(words: Words) -> Columns:
    """Return the columns of who was at an address or on a network."""
    return (
        Column("account", words("Account")),
        Column("tenant", words("Tenant")),
        Column("message_count", words("Messages"), "count"),
        Column("success_count", words("Successful sign-ins"), "count"),
        Column("failure_count", words("Failed sign-ins"), "count"),
        Column("used_days", words("Days used"), "count"),
        Column("first_at", words("First seen")),
        Column("last_at", words("Last seen")),
        Column("client_ip", words("Client IP")),
        Column("network", words("Network")),
        Column("country", words("Country")),
    )


def who_table(title: str, there: pd.DataFrame, words: Words, most: int = 200) -> dict[str, Any]:
    """Return who was at an address or on a network, as a table: like one of `tables`."""
    return _table(title, who_rows(there), who_columns(words), most, words)


def _named(addresses: list[str]) -> str:
    shown = addresses[:_MOST_ADDRESSES]
    more = len(addresses) - len(shown)
    return ", ".join(shown) + (f" (+{more})" if more > 0 else "")


# --- sign-ins and rows -------------------------------------------------------------------------


def _sign_ins(proof: Proof, words: Words) -> list[tuple[str, pd.DataFrame, Columns]]:
    days = days_text(*sign_in_days(proof.finding), words)
    rows = _plain(proof.sign_ins)
    columns = (
        Column("client_ip", words("Client IP")),
        Column("network", words("Network")),
        Column("country", words("Country")),
        Column("attempt_count", words("Attempts"), "count"),
        Column("account_count", words("Accounts"), "count"),
        Column("error_code", words("Error code")),
        Column("user_agent", words("Device or program")),
        Column("first_at", words("First seen")),
        Column("last_at", words("Last seen")),
    )
    is_of_one = proof.finding.subject_kind in ("account", "sender")
    of_success = tuple(
        column
        for column in columns
        if column.name != "error_code" and not (is_of_one and column.name == "account_count")
    )
    of_failure = tuple(c for c in columns if not (is_of_one and c.name == "account_count"))
    return [
        (
            words("Successful sign-ins, {days}", days=days),
            rows[rows["result"] == "success"],
            of_success,
        ),
        (
            words("Failed sign-ins, {days}", days=days),
            rows[rows["result"] != "success"],
            of_failure,
        ),
    ]


def _evidence(proof: Proof, words: Words) -> tuple[pd.DataFrame, Columns]:
    rows = _plain(proof.evidence.rows)
    for name in _CODED & set(rows):
        rows[name] = [cell_text(name, cell, words) for cell in rows[name]]
    match proof.evidence.kind:
        case "sign_ins":
            return rows, _sign_in_columns(words)
        case "settings":
            return rows, _setting_columns(words)
        case _:
            rows["at"] = [at or day for at, day in zip(rows["sent_at"], rows["day"], strict=True)]
            rows["recipients"] = [_joined(names) for names in rows["recipients"]]
            return rows, _message_columns(words)


_CODED: Final = frozenset(
    ("result", "tls_version", "auth_protocol", "smtp_auth_disabled", "allow_legacy_tls")
)
"""Columns of evidence whose cells are codes."""


def cell_text(column: str, cell: Any, words: Words) -> Any:
    """Return a cell of evidence as a person reads it: a code as a word, all else as it is.

    >>> from smtpauth_kit.words.words import speak
    >>> cell_text("result", "failure", speak("nl")), cell_text("tls_version", "none", speak("en"))
    ('mislukt', 'No TLS')
    >>> cell_text("smtp_auth_disabled", True, speak("nl")), cell_text("client_ip", "1", speak("nl"))
    ('ja', '1')
    """
    if isinstance(cell, bool):
        return words("yes") if cell else words("no")
    match column:
        case "result":
            return {"success": words("success"), "failure": words("failure")}.get(cell, cell)
        case "tls_version":
            return tls_titles(words).get(cell, cell)
        case "auth_protocol":
            return auth_titles(words).get(cell, cell)
        case _:
            return cell


def _joined(names: Any) -> Any:
    return _text(", ".join(map(str, names))) if isinstance(names, list) else names


def _message_columns(words: Words) -> Columns:
    return (
        Column("at", words("Time (UTC)")),
        Column("sender_address", words("Sender address")),
        Column("account", words("Account")),
        Column("client_ip", words("Client IP")),
        Column("tls_version", words("TLS version")),
        Column("auth_protocol", words("Authentication protocol")),
        Column("message_count", words("Messages"), "count"),
        Column("recipient_count", words("Recipients"), "count"),
        Column("recipients", words("To")),
        Column("message_id", words("Message ID")),
    )


def _sign_in_columns(words: Words) -> Columns:
    return (
        Column("signed_in_at", words("Time (UTC)")),
        Column("account", words("Account")),
        Column("result", words("Result")),
        Column("error_code", words("Error code")),
        Column("client_ip", words("Client IP")),
        Column("country", words("Country")),
        Column("network", words("Network")),
        Column("user_agent", words("Device or program")),
        Column("auth_protocol", words("Authentication protocol")),
    )


def _setting_columns(words: Words) -> Columns:
    return (
        Column("day", words("Day")),
        Column("address", words("Mailbox")),
        Column("display_name", words("Name")),
        Column("smtp_auth_disabled", words("SMTP AUTH blocked")),
        Column("allow_legacy_tls", words("Legacy TLS allowed")),
    )


def _plain(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with times and days as text, and nothing as None."""
    shown = rows.astype(object)
    shown = shown.where(shown.notna(), None)
    for name in shown:
        shown[name] = pd.Series(
            [_text(cell) for cell in shown[name]], index=shown.index, dtype=object
        )
    return shown


def _text(cell: Any) -> Any:
    if isinstance(cell, dt.datetime):
        return f"{cell:%Y-%m-%d %H:%M}"
    if isinstance(cell, str) and len(cell) > _MOST_SIGNS:
        return f"{cut(cell, _MOST_SIGNS)}\u2026"
    return cell.isoformat() if isinstance(cell, dt.date) else cell
