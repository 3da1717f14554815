"""What a card or flyout shows of one sender: its fields, its days, its clients."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Final

import pandas as pd

from smtpauth_kit.answers import Scope
from smtpauth_kit.views import details_table
from smtpauth_kit.views.breakdowns import auth_titles, tls_titles
from smtpauth_kit.views.details_table import Column
from smtpauth_kit.views.filter_words import source_title
from smtpauth_kit.words.words import Words


def fields(row: Mapping[str, Any], words: Words) -> tuple[Column, ...]:
    """Return the fields that say something of a sender: none of a version it did not use.

    Examples
    --------
    >>> from smtpauth_kit.words.words import speak
    >>> used = {"sender_address": "a@x.example", "tls_1_0_count": 2, "tls_1_2_count": 0}
    >>> [field.title for field in fields(used, speak("en"))]
    ['Sender address', 'TLS 1.0']
    """
    counted = Column("message_count", words("Message count in the days shown"), "count")
    known = (
        *(
            counted if field.name == counted.name else field
            for field in details_table.sender_fields(words)
            if field.name != "client_ip_count"
        ),
        Column("client_ips", words("Client IP addresses"), "list"),
        Column("sign_in_success", words("Successful sign-ins"), "count"),
        Column("sign_in_failure", words("Failed sign-ins"), "count"),
        Column("mailbox", words("Mailbox setting")),
    )
    return tuple(field for field in known if _says_something(field, row))


def _says_something(field: Column, row: Mapping[str, Any]) -> bool:
    counted = field.of[-1] if field.kind == "tls" else field.name
    return bool(row.get(counted)) and not pd.isna([row[counted]]).any()


def finding(count: int, all_days: pd.DataFrame, scope: Scope, ever: Scope, words: Words) -> str:
    """Say how many messages a sender sent in the days asked for, and how many ever."""
    messages = words("{n} messages", n=count)
    if all_days.empty or scope.start is None or scope.end is None:
        return messages
    total = int(all_days["message_count"].sum())
    shown = days_text(scope.start, scope.end, words)
    first, last = min(all_days["period_start"]), max(all_days["period_end"])
    return words(
        "{messages} in the days shown ({shown}); {all} on all days loaded ({source}: {seen}).",
        messages=messages, shown=shown, all=words("{n} messages", n=total),
        source=source_title(ever.source, words), seen=days_text(first, last, words),
    )  # fmt: skip


def asked(scope: Scope, every_day: Scope) -> list[str] | None:
    """Return the first and last day asked for, where a chart of all days is to mark them."""
    if scope.start is None or scope.end is None or every_day.start is None:
        return None
    if scope.start <= every_day.start and every_day.end and scope.end >= every_day.end:
        return None
    return [scope.start.isoformat(), scope.end.isoformat()]


def days_text(first: dt.date, last: dt.date, words: Words) -> str:
    """Return a range of days as a person reads it."""
    if first == last:
        return words.date(first)
    return words("{start} to {end}", start=words.date(first), end=words.date(last))


def days_table(days: pd.DataFrame, words: Words) -> dict[str, Any]:
    """Return a table of the sender's messages by day, TLS version and protocol, newest first."""
    title = words("Day by day, all days loaded")
    if days.empty:
        return {"title": title, "columns": [], "rows": {}}
    columns = (
        Column("day", words("Day"), "date"),
        Column("last_day", words("Last day of the period"), "date"),
        Column("tls", words("TLS version")),
        Column("auth", words("Authentication protocol")),
        Column("message_count", words("Messages"), "count"),
    )
    several = bool((days["period_start"] != days["period_end"]).any())
    shown = pd.DataFrame(
        {
            "day": days["period_start"],
            "last_day": days["period_end"],
            "tls": days["tls_version"].map(tls_titles(words)),
            "auth": days["auth_protocol"].map(auth_titles(words)),
            "message_count": days["message_count"],
        }
    ).sort_values("day", ascending=False, kind="stable")
    used = tuple(column for column in columns if several or column.name != "last_day")
    return {"title": title, "sort": "day", **details_table.table_data(shown, used)}


def subjects_title(subjects: pd.DataFrame, words: Words) -> str:
    """Return the title of the table of subjects, which says how many more there are."""
    if subjects.empty or subjects["subject_count"][0] == len(subjects):
        return words("Subjects, all days loaded")
    return words(
        "Subjects, all days loaded: the {shown} most frequent of {all}",
        shown=len(subjects), all=int(subjects["subject_count"][0]),
    )  # fmt: skip


def subject_columns(words: Words) -> tuple[Column, ...]:
    """Return the columns of the table of subjects."""
    return (
        Column("message_subject", words("Subject of the message")),
        Column("message_count", words("Messages"), "count"),
        Column("first_seen", words("First seen"), "date"),
        Column("last_seen", words("Last seen"), "date"),
    )


def subjects_table(subjects: pd.DataFrame, words: Words) -> dict[str, Any]:
    """Return a table of the subjects under which a sender sent most."""
    table = details_table.table_data(subjects, subject_columns(words))
    return {"title": subjects_title(subjects, words), "sort": "message_count", **table}


def devices_title(devices: pd.DataFrame, address: str, words: Words) -> str:
    """Say how many devices send as an address, where a source tells clients apart.

    Examples
    --------
    >>> from smtpauth_kit.words.words import speak
    >>> two = pd.DataFrame({"client_ip": ["192.0.2.25", "192.0.2.26", ""]})
    >>> devices_title(two, "scanner@contoso.com", speak("en"))
    '2 devices send as scanner@contoso.com, all days loaded'
    """
    count = int((devices["client_ip"] != "").sum())
    return words("{n} devices send as {address}, all days loaded", n=count, address=address)


def device_columns(devices: pd.DataFrame, words: Words) -> tuple[Column, ...]:
    """Return the columns of the table of devices; one without any value is left out."""
    columns = (
        Column("client_ip", words("Client IP")),
        Column("tls", words("TLS version")),
        Column("tls_cipher", words("TLS cipher")),
        Column("auth", words("Authentication protocol"), "list"),
        Column("user_agents", words("Device or program"), "list"),
        Column("at_hours", words("Hours (UTC)")),
        Column("message_count", words("Messages"), "count"),
        Column("day_count", words("Days"), "count"),
        Column("first_seen", words("First seen"), "date"),
        Column("last_seen", words("Last seen"), "date"),
    )
    shown = shown_devices(devices, words)
    return tuple(c for c in columns if any(cell not in (None, "", []) for cell in shown[c.name]))


def shown_devices(devices: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Return devices with their versions, protocols and hours as people read them."""
    tls, auth = tls_titles(words), auth_titles(words)
    return devices.assign(
        tls=[tls[version] for version in devices["tls_version"]],
        auth=pd.Series(
            [[auth[each] for each in told] for told in devices["auth_protocols"]],
            index=devices.index,
            dtype=object,
        ),
        at_hours=[hours_text(hours) for hours in devices["hours"]],
    )


def hours_text(hours: list[int]) -> str:
    r"""Return the hours of a day in which something was sent, those in a row together.

    >>> hours_text([0, 1, 2, 8, 23]) == "00\u201303, 08\u201309, 23\u201324"
    True
    """
    spans: list[list[int]] = []
    for hour in sorted(hours):
        if spans and spans[-1][1] == hour:
            spans[-1][1] = hour + 1
        else:
            spans.append([hour, hour + 1])
    return ", ".join(f"{first:02}\u2013{last:02}" for first, last in spans)


def devices_table(devices: pd.DataFrame, address: str, words: Words) -> dict[str, Any]:
    """Return a table of the devices behind an address, the busiest first."""
    table = details_table.table_data(shown_devices(devices, words), device_columns(devices, words))
    return {"title": devices_title(devices, address, words), "sort": "message_count", **table}


def clients_table(clients: pd.DataFrame, words: Words) -> dict[str, Any]:
    """Return a table of the client IP addresses a sender sent or signed in from, newest first."""
    columns = client_columns(clients, words)
    table = details_table.table_data(shown_clients(clients), columns)
    title = words("Client IP addresses, all days loaded")
    return {"title": title, "sort": "last_seen", **table}


def client_columns(clients: pd.DataFrame, words: Words) -> tuple[Column, ...]:
    """Return the columns of that table; one without any value is left out: no log tells it."""
    columns = (
        Column("client_ip", words("Client IP")),
        Column("countries", words("Country"), "list"),
        Column("networks", words("Network"), "list"),
        Column("first_seen", words("First seen"), "date"),
        Column("last_seen", words("Last seen"), "date"),
        Column("message_count", words("Messages"), "count"),
        Column("success_count", words("Successful sign-ins"), "count"),
        Column("failure_count", words("Failed sign-ins"), "count"),
        Column("user_agents", words("Device or program"), "list"),
        Column("timeline", words("Timeline"), help=_timeline_help(clients, words)),
    )
    shown = shown_clients(clients)
    return tuple(c for c in columns if any(cell not in (None, []) for cell in shown[c.name]))


SLOTS: Final = 24
"""So many pieces of equal length a timeline has at most, the first and the last day included."""


def shown_clients(clients: pd.DataFrame) -> pd.DataFrame:
    """Return client IPs with the timeline of each, all from the same first to the same last day."""
    if clients.empty:
        return clients.assign(timeline=[])
    first, last = min(clients["first_seen"]), max(clients["last_seen"])
    lines = [
        timeline([*row["sent_days"], *row["success_days"]], row["failure_days"], first, last)
        for row in clients.to_dict("records")
    ]
    return clients.assign(timeline=lines)


def timeline(
    used: Iterable[dt.date], failed: Iterable[dt.date], first: dt.date, last: dt.date
) -> str:
    """Return days as signs: a square where an address was used, a cross where it only failed.

    >>> days = [dt.date(2026, 11, n) for n in range(1, 8)]
    >>> timeline(days[:2], days[1:4], days[0], days[-1])
    '■■✕✕···'
    """
    days = (last - first).days + 1
    slots = min(SLOTS, days)
    signs = ["·"] * slots
    for sign, told in (("✕", failed), ("■", used)):
        for day in told:
            signs[(day - first).days * slots // days] = sign
    return "".join(signs)


def _timeline_help(clients: pd.DataFrame, words: Words) -> str:
    if clients.empty:
        return ""
    return words(
        "{days}: ■ used, ✕ only failed sign-ins, · neither",
        days=days_text(min(clients["first_seen"]), max(clients["last_seen"]), words),
    )
