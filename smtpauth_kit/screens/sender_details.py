"""All that a flyout or card shows of one sender."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from smtpauth_kit import answers
from smtpauth_kit.answers import Scope
from smtpauth_kit.answers.sender import MailboxSetting, mailbox_setting, sender, sender_clients
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.store.engine import Engine, at_one_moment
from smtpauth_kit.views import details_table, json_rows
from smtpauth_kit.views.breakdowns import AUTH, TLS, auth_titles, tls_titles
from smtpauth_kit.views.details_table import Column
from smtpauth_kit.views.notes import notes
from smtpauth_kit.views.over_time import breakdown_values
from smtpauth_kit.words.words import Words


@at_one_moment
def sender_details(engine: Engine, filters: Filters, address: str, words: Words) -> dict[str, Any]:
    """Return what is known of one sender in the range of `filters`: fields, days, clients, notes.

    Examples
    --------
    >>> from smtpauth_kit.words.words import speak
    >>> sender_details(store, Filters(), "scanner@contoso.com", speak("en"))["finding"]
    '2 messages'
    """
    one = filters.of_everyone().changed(sender=address, where=())
    scope = answers.settle_scope(engine, one)
    rows = sender(engine, scope)
    clients = sender_clients(engine, scope)
    if rows.empty and clients.empty:
        return {"title": address, **_nothing(engine, scope, words)}
    first = rows.iloc[0].items() if len(rows) else [("sender_address", address)]
    row: dict[str, Any] = {str(name): value for name, value in first}
    signed_in = row.pop("sign_ins", {})
    days = pd.DataFrame(row.pop("days", []))
    row |= {f"sign_in_{name}": count for name, count in signed_in.items()}
    row["mailbox"] = _mailbox_words(mailbox_setting(engine, scope), words)
    range_note = [_range(scope.start, scope.end, words)] if scope.start and scope.end else []
    return {
        "title": row["sender_address"],
        "fields": [field.as_dict() for field in _fields(words)],
        "row": {name: _json_ready(value) for name, value in row.items()},
        "days": json_rows.columns(days),
        "trends": _trends(days, scope, words),
        "finding": words("{n} messages", n=int(row.get("message_count", 0))),
        "tables": [_days_table(days, words), _clients_table(clients, words)],
        "notes": [*range_note, *notes(scope, words)],
        "empty": "",
    }


def _nothing(engine: Engine, scope: Scope, words: Words) -> dict[str, Any]:
    """Say why nothing of a sender is shown; where other days have messages, offer their filters."""
    if scope.newest is None:
        text = 'Nothing is loaded yet. Load your exports: sk.load(store, "data/exports").'
        return {"empty": words(text)}
    days = {"start": scope.oldest, "end": scope.newest, "as_of": None, "domains": ()}
    for source in dict.fromkeys((scope.filters.source, "auto")):
        elsewhere = scope.filters.changed(**days, source=source)
        rows = sender(engine, answers.settle_scope(engine, elsewhere)).to_dict("records")
        if rows:
            return _elsewhere(rows[0], elsewhere.changed(sender=None), words)
    return {
        "empty": words("No messages of this sender are loaded. The report lists those there are.")
    }


def _elsewhere(row: dict[Any, Any], filters: Filters, words: Words) -> dict[str, Any]:
    first, last = row["first_seen"], row["last_seen"]
    said = words(
        "No messages of this sender on these days; {messages} on others: {range}.",
        messages=words("{n} messages", n=int(row["message_count"])),
        range=_range(first, last, words),
    )
    there = filters.changed(start=first, end=last).to_json()
    return {"empty": said, "elsewhere": there, "action": words("Show these days")}


def _trends(days: pd.DataFrame, scope: Scope, words: Words) -> list[dict[str, Any]]:
    """Return the sender's charts: messages per day by TLS version and by protocol."""
    if days.empty:
        return []
    return [
        {
            "name": name,
            "heading": words(heading),
            "values": breakdown_values(breakdown, days, scope, scope.covered),
        }
        for name, heading, breakdown in (
            ("trend", "Messages per day by TLS version", TLS),
            ("auth-trend", "Messages per day by authentication protocol", AUTH),
        )
    ]


def _fields(words: Words) -> tuple[Column, ...]:
    return (
        *(field for field in details_table.sender_fields(words) if field.name != "client_ip_count"),
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


def _range(first: dt.date, last: dt.date, words: Words) -> str:
    if first == last:
        return words.date(first)
    return words("{start} to {end}", start=words.date(first), end=words.date(last))


def _days_table(days: pd.DataFrame, words: Words) -> dict[str, Any]:
    """Return a table of the sender's messages by day, TLS version and protocol."""
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
    return {"title": words("Day by day"), **details_table.table_data(shown, used)}


def _clients_table(clients: pd.DataFrame, words: Words) -> dict[str, Any]:
    """Return a table of the client IP addresses a sender sent or signed in from.

    A column without any value is left out: the logs loaded do not tell it.
    """
    columns = (
        Column("client_ip", words("Client IP")),
        Column("message_count", words("Messages"), "count"),
        Column("success_count", words("Successful sign-ins"), "count"),
        Column("failure_count", words("Failed sign-ins"), "count"),
        Column("countries", words("Country"), "list"),
        Column("networks", words("Network"), "list"),
        Column("user_agents", words("Device or program"), "list"),
    )
    filled = (c for c in columns if any(cell not in (None, []) for cell in clients[c.name]))
    table = details_table.table_data(clients, tuple(filled))
    return {"title": words("Client IP addresses"), **table}


def _json_ready(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value
