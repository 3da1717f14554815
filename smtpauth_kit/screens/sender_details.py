"""All that a flyout or card shows of one sender."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd

from smtpauth_kit import answers
from smtpauth_kit.answers import Scope
from smtpauth_kit.answers.devices import devices, devices_scope
from smtpauth_kit.answers.of_tenants import of_tenants
from smtpauth_kit.answers.sender import (
    MailboxSetting,
    ever,
    every_day,
    mailbox_setting,
    sender,
    sender_clients,
    sender_days,
    sender_subjects,
)
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.loading.judging import is_judged_quickly
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.views import details_table, findings, json_rows, sender_card, sender_page
from smtpauth_kit.views.breakdowns import AUTH, TLS
from smtpauth_kit.views.details_table import Column
from smtpauth_kit.views.findings import Found
from smtpauth_kit.views.notes import notes
from smtpauth_kit.views.over_time import breakdown_values
from smtpauth_kit.words.words import Words


@of_tenants
def sender_details(engine: Engine, filters: Filters, address: str, words: Words) -> dict[str, Any]:
    """Return what is known of one sender: figures of the range of `filters`, all days, clients.

    Examples
    --------
    >>> from smtpauth_kit.words.words import speak
    >>> shown = sender_details(store, Filters(), "scanner@contoso.com", speak("en"))
    >>> shown["row"]["message_count"], shown["days"]["period_start"]
    (2, ['2026-11-16'])
    """
    one = filters.of_everyone().changed(sender=address, where=())
    scope = answers.settle_scope(engine, one)
    whole = every_day(engine, scope)
    days, clients = sender_days(engine, whole), sender_clients(engine, ever(engine, whole))
    rows = sender(engine, scope)
    nothing = _nothing(engine, scope, words) if rows.empty else {"empty": ""}
    if days.empty and clients.empty:
        return {"title": address, **nothing}
    row = _row(engine, scope, rows, address, words)
    return {
        "title": row["sender_address"],
        "fields": [field.as_dict() for field in sender_card.fields(row, words)],
        "row": {name: _json_ready(value) for name, value in row.items()},
        "days": json_rows.columns(days),
        "trends": _trends(days, scope, whole, words),
        "finding": sender_card.finding(int(row.get("message_count", 0)), days, scope, whole, words),
        "tables": _tables(engine, whole, clients, days, words),
        "notes": notes(scope, words),
        "places": sender_page.places(clients, words),
        **nothing,
    }


def _tables(
    engine: Engine, whole: Scope, clients: pd.DataFrame, days: pd.DataFrame, words: Words
) -> list[dict[str, Any]]:
    """Return the tables below the figures; of subjects one only where a source tells them."""
    subjects = sender_subjects(engine, whole)
    return [
        sender_card.clients_table(clients, words),
        *_devices(engine, whole, words),
        *([] if subjects.empty else [sender_card.subjects_table(subjects, words)]),
        sender_card.days_table(days, words),
    ]


def _devices(engine: Engine, whole: Scope, words: Words) -> list[dict[str, Any]]:
    """Return the table of the devices behind the address; none where no source tells clients."""
    found = devices(engine, devices_scope(engine, whole.filters))
    if found.empty or not (found["client_ip"] != "").any():
        return []
    return [sender_card.devices_table(found, str(whole.filters.sender), words)]


def _row(
    engine: Engine, scope: Scope, rows: pd.DataFrame, address: str, words: Words
) -> dict[str, Any]:
    """Return the sender's figures in the range; of one that sent nothing in it, who it is."""
    first = rows.iloc[0].items() if len(rows) else [("sender_address", address)]
    row: dict[str, Any] = {str(name): value for name, value in first if name != "days"}
    signed_in = row.pop("sign_ins", {})
    row |= {f"sign_in_{name}": count for name, count in signed_in.items()}
    row["mailbox"] = _mailbox_words(mailbox_setting(engine, scope), words)
    return row


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
        range=sender_card.days_text(first, last, words),
    )
    there = filters.changed(start=first, end=last).to_json()
    return {"empty": said, "elsewhere": there, "action": words("Show these days")}


def _trends(days: pd.DataFrame, scope: Scope, whole: Scope, words: Words) -> list[dict[str, Any]]:
    """Return the charts of all days: messages per day by TLS version and by protocol."""
    if days.empty:
        return []
    marked = {"asked": sender_card.asked(scope, whole)}
    return [
        {
            "name": name,
            "heading": words(heading),
            "values": breakdown_values(breakdown, days, whole, whole.covered) | marked,
        }
        for name, heading, breakdown in (
            ("trend", "Messages per day by TLS version", TLS),
            ("auth-trend", "Messages per day by authentication protocol", AUTH),
        )
    ]


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


def _json_ready(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value


# --- below the card -------------------------------------------------------------------------------


@of_tenants
def below(
    engine: Engine, address: str, filters: Filters, can_save: bool, words: Words
) -> list[dict[str, Any]]:
    """Return the parts below the card of a sender, as `sender_screen.js` draws them."""
    return [
        _drawn(part, can_save, words) for part in sender_page.parts(engine, address, filters, words)
    ]


@dataclass(frozen=True)
class Unusual:
    """What is unusual of a sender, and the part that lists it."""

    found: Found | None
    """None: the store is too large to be judged unasked."""
    filters: Filters
    part: dict[str, Any]


@of_tenants
def unusual(engine: Engine, address: str, filters: Filters, words: Words) -> Unusual:
    """Return what is unusual of a sender; a store that is not judged in a moment is not judged."""
    filters = sender_page.of_every_day(filters, sender=address)
    if not is_judged_quickly(engine, filters.source):
        return Unusual(None, filters, _drawn(sender_page.not_judged(words), False, words))
    found = findings.find(engine, filters)
    part = sender_page.unusual(found, words)
    told = _drawn(part, False, words)
    if found.incidents:
        told["table"]["rows"]["incident_id"] = part.rows["incident_id"].tolist()
    return Unusual(found, filters, told)


def _drawn(part: sender_page.Part, can_save: bool, words: Words) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": part.name, "title": part.title, "said": part.said, "more": part.more,
        "table": None,
    }  # fmt: skip
    if part.fields:
        edited = tuple(each for each in part.fields if each.edit and can_save)
        shown = tuple(each for each in part.fields if each not in edited)
        told["fields"] = [each.as_dict() for each in shown]
        told["row"] = {
            name: values[0]
            for name, values in details_table.table_data(part.rows, shown)["rows"].items()
        }
        if edited:
            # The rows of a table are known by their first column.
            key = Column("sender_address", words("Sender address"))
            told["edits"] = details_table.table_data(part.rows, (key, *edited))
    elif part.columns:
        told["table"] = details_table.table_data(
            part.rows.head(sender_page.MOST_ROWS), part.columns
        )
    return told
