"""All that a flyout or card shows of one sender."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from smtpauth_kit import answers, charts, tables
from smtpauth_kit.answers import MailboxSetting, Scope
from smtpauth_kit.schema import Filters
from smtpauth_kit.splits import AUTH, TLS, auth_titles, tls_titles
from smtpauth_kit.store import Engine, at_one_moment
from smtpauth_kit.tables import Column
from smtpauth_kit.words import Words


@at_one_moment
def sender_details(engine: Engine, filters: Filters, address: str, words: Words) -> dict[str, Any]:
    """Return what is known of one sender in the range of `filters`: fields, days, clients, notes.

    Examples
    --------
    >>> from smtpauth_kit.words import speak
    >>> sender_details(store, Filters(), "scanner@contoso.com", speak("en"))["finding"]
    '2 messages'
    """
    one = filters.of_everyone().changed(sender=address, where=())
    scope = answers.scope(engine, one)
    rows = answers.sender(engine, scope)
    clients = answers.sender_clients(engine, scope)
    if rows.empty and clients.empty:
        text = words("No messages match.")
        return {"title": address, "empty": text, "status": text}
    first = rows.iloc[0].items() if len(rows) else [("sender_address", address)]
    row: dict[str, Any] = {str(name): value for name, value in first}
    signed_in = row.pop("sign_ins", {})
    days = pd.DataFrame(row.pop("days", []))
    row |= {f"sign_in_{name}": count for name, count in signed_in.items()}
    row["mailbox"] = _mailbox_words(answers.mailbox_setting(engine, scope), words)
    return {
        "title": row["sender_address"],
        "fields": [field.as_dict() for field in _fields(words)],
        "row": {name: _json_ready(value) for name, value in row.items()},
        "days": charts.columns(days),
        "trends": _trends(days, scope, words),
        "finding": words("{n} messages", n=int(row.get("message_count", 0))),
        "tables": [_days_table(days, words), _clients_table(clients, words)],
        "notes": [*_range_note(scope, words), *tables.notes(scope, words)],
        "empty": "",
    }


def _trends(days: pd.DataFrame, scope: Scope, words: Words) -> list[dict[str, Any]]:
    """Return the sender's charts: messages per day by TLS version and by protocol."""
    if days.empty:
        return []
    return [
        {
            "name": name,
            "heading": words(heading),
            "values": charts.split_values(split, days, scope, scope.covered),
        }
        for name, heading, split in (
            ("trend", "Messages per day by TLS version", TLS),
            ("auth-trend", "Messages per day by authentication protocol", AUTH),
        )
    ]


def _fields(words: Words) -> tuple[Column, ...]:
    return (
        *(field for field in tables.sender_fields(words) if field.name != "client_ip_count"),
        Column("client_ips", words("Client IP addresses"), "list"),
        Column("sign_in_success", words("Successful sign-ins"), "count"),
        Column("sign_in_failure", words("Failed sign-ins"), "count"),
        Column("mailbox", words("Mailbox setting")),
    )


def _mailbox_words(setting: MailboxSetting | None, words: Words) -> str:
    if setting is None:
        return words("Not loaded")
    day = words.date(setting.day)
    if setting.allowed is None:
        return words("Inherits the tenant's setting, which is not loaded ({day})", day=day)
    if setting.inherited:
        said = (
            "SMTP AUTH allowed by the tenant's setting ({day})",
            "SMTP AUTH blocked by the tenant's setting ({day})",
        )
    else:
        said = (
            "SMTP AUTH allowed for this mailbox ({day})",
            "SMTP AUTH blocked for this mailbox ({day})",
        )
    return words(said[0] if setting.allowed else said[1], day=day)


def _range_note(scope: Scope, words: Words) -> list[str]:
    if scope.start is None or scope.end is None:
        return []
    return [words("{start} to {end}", start=words.date(scope.start), end=words.date(scope.end))]


def _days_table(days: pd.DataFrame, words: Words) -> dict[str, Any]:
    """Return the sender's days as a table: TLS and authentication over time."""
    columns = (
        Column("day", words("Day"), "date"),
        Column("last_day", words("Last day of the period"), "date"),
        Column("tls", words("TLS version")),
        Column("auth", words("Authentication protocol")),
        Column("message_count", words("Messages"), "count"),
    )
    if days.empty:
        return {"title": words("Day by day"), "columns": [], "rows": {}}
    several = bool((days["period_start"] != days["period_end"]).any())
    shown = pd.DataFrame(
        {
            "day": days["period_start"],
            "last_day": days["period_end"],
            "tls": days["tls_version"].map(tls_titles(words)),
            "auth": days["auth_protocol"].map(auth_titles(words)),
            "message_count": days["message_count"],
        }
    )
    used = tuple(column for column in columns if several or column.name != "last_day")
    return {"title": words("Day by day"), **tables.table_data(shown, used)}


def _clients_table(clients: pd.DataFrame, words: Words) -> dict[str, Any]:
    """Return where the sender sent and signed in from, with what the sign-in log says of it."""
    columns = (
        Column("client_ip", words("Client IP")),
        Column("message_count", words("Messages"), "count"),
        Column("success_count", words("Successful sign-ins"), "count"),
        Column("failure_count", words("Failed sign-ins"), "count"),
        Column("countries", words("Country"), "list"),
        Column("networks", words("Network"), "list"),
        Column("user_agents", words("Device or program"), "list"),
    )
    told = [c for c in columns if any(cell not in (None, []) for cell in clients[c.name])]
    return {"title": words("Client IP addresses"), **tables.table_data(clients, tuple(told))}


def _json_ready(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value
