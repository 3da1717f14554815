"""Answers as tables: their columns, what a cell shows, and the sentences beside figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import pandas as pd

from smtpauth_kit.answers import Scope
from smtpauth_kit.base.names import AUTH_PROTOCOLS, TLS_VERSIONS
from smtpauth_kit.views import json_rows
from smtpauth_kit.views.breakdowns import auth_titles, tls_titles
from smtpauth_kit.views.filter_words import source_title
from smtpauth_kit.words.words import UNTOLD, Words

Kind = Literal["text", "count", "rate", "date", "tls", "part", "auth", "list", "severity"]
"""`rate` is a number of one decimal at most. `auth` names the protocols among the counts of Basic,
OAuth and unknown. `tls` is a share and its count, `part` a count and the total it is a share of:
both are shown as 100%(472). `severity` is its mark and word, and its level: high, medium or low."""

Edit = Literal["", "text", "day", "choice"]

_FIGURES: Final = ("count", "rate", "tls", "part")

_ALWAYS: Final = ("1.0", "1.1", "1.2")
"""TLS versions the details table always has a column for, as Microsoft's; others when used."""


@dataclass(frozen=True)
class Column:
    """One column of a table, or one field of a flyout; `static/table.js` reads the same."""

    name: str
    title: str
    kind: Kind = "text"
    of: tuple[str, ...] = ()
    """The answer's columns a cell is made of; empty: `name`. Kind `tls`: a share and a count."""
    help: str = ""
    edit: Edit = ""
    """How a cell is written in: as a text, a day, or one of `choices`; empty: it is not."""
    choices: tuple[tuple[str, str], ...] = ()
    """Of a choice: values and their titles. The cell's value is the last of `of`."""

    @property
    def align(self) -> str:
        """Return "number" for what is compared digit by digit, "day" for what stays on one line.

        All else is "text".
        """
        if self.kind in ("date", "severity"):
            return "day"
        return "number" if self.kind in _FIGURES else "text"

    def as_dict(self) -> dict[str, Any]:
        """Return what `drawTable` wants."""
        edited = {"edit": self.edit, "choices": [list(each) for each in self.choices]}
        return {
            "name": self.name,
            "title": self.title,
            "kind": self.kind,
            "align": self.align,
            "of": list(self.of or (self.name,)),
            "help": self.help,
            **(edited if self.edit else {}),
        }


def volume_columns(senders: pd.DataFrame, words: Words) -> tuple[Column, ...]:
    """Return the columns of the details table: Microsoft's first, then what it lacks."""
    address, count = _own_columns(words)
    return address, count, *_more_columns(words)


def tls_columns(senders: pd.DataFrame, words: Words) -> tuple[Column, ...]:
    """Return the same with the TLS versions, as Microsoft's has them beside the address.

    No TLS, TLS 1.3 and unknown get a column only when one of `senders` has a message over it.
    """
    address, count = _own_columns(words)
    used = [v for v in TLS_VERSIONS if v in _ALWAYS or _used(senders, v)]
    titles = {v: f"{title}%".replace("TLS 1", "TLS1") for v, title in tls_titles(words).items()}
    shares = (_tls_column(v, titles[v], words) for v in used)
    return address, *shares, count, *_more_columns(words)


def auth_columns(senders: pd.DataFrame, words: Words) -> tuple[Column, ...]:
    """Return the same with the authentication protocols."""
    address, count = _own_columns(words)
    others = (column for column in _more_columns(words) if column.kind != "auth")
    return address, *_auth_columns(words), count, *others


def _own_columns(words: Words) -> tuple[Column, Column]:
    """Return the address and the message count, which every view has."""
    address = Column(
        "sender_address", words("Sender address"), help=words("From or MAIL FROM, as it came")
    )
    count = Column(
        "message_count",
        words("Message count"),
        "count",
        help=words("Messages handed in over SMTP AUTH in the days shown"),
    )
    return address, count


def _more_columns(words: Words) -> tuple[Column, ...]:
    """Return the columns that every view has beside the original's own."""
    protocols = ("basic_count", "oauth_count", "unknown_auth_count")
    return (
        Column("sender_domain", words("Sender domain"), help=words("The part after the @")),
        Column(
            "auth_protocol",
            words("Authentication protocol"),
            "auth",
            protocols,
            help=words("Every protocol the sender signed in with, most used first"),
        ),
        *_seen_columns(words),
        Column(
            "client_ip_count",
            words("Client IPs"),
            "count",
            help=words("Different addresses the messages came from"),
        ),
    )


def _seen_columns(words: Words) -> tuple[Column, Column]:
    """Return the first and the last day of a sender, over all days loaded."""
    first = words("First day with a message, of all days loaded; of a report, of its period")
    last = words("Last day with a message, of all days loaded; of a report, of its period")
    return (
        Column("first_seen_ever", words("First seen"), "date", help=first),
        Column("last_seen_ever", words("Last seen"), "date", help=last),
    )


def sender_fields(words: Words) -> tuple[Column, ...]:
    """Return what the flyout of a sender lists, from a row of `answers.senders`."""
    titles = tls_titles(words)
    return (
        Column("sender_address", words("Sender address")),
        Column("sender_domain", words("Sender domain")),
        Column("message_count", words("Message count"), "count"),
        *(_tls_column(version, titles[version], words) for version in TLS_VERSIONS),
        *_auth_columns(words),
        *_seen_columns(words),
        Column("client_ip_count", words("Number of client IP addresses"), "count"),
    )


def table_data(rows: pd.DataFrame, columns: tuple[Column, ...]) -> dict[str, Any]:
    """Return `columns` and `rows` for `drawTable`, without what no column shows."""
    needed = dict.fromkeys(name for column in columns for name in column.as_dict()["of"])
    return {
        "columns": [column.as_dict() for column in columns],
        "rows": json_rows.columns(rows[[name for name in needed if name in rows]]),
    }


def cell(column: Column, row: Mapping[str, Any], words: Words) -> str:
    """Return what a cell shows, as `smtpauth.cell` in `static/table.js` does.

    A figure that the row has as None no source tells; one that it does not have at all is left out.

    >>> from smtpauth_kit.words.words import speak
    >>> column = Column("1.0", "TLS 1.0", "tls", ("tls_1_0_share", "tls_1_0_count"))
    >>> cell(column, {"tls_1_0_share": 1.0, "tls_1_0_count": 472}, speak("en"))
    '100%(472)'
    >>> cell(Column("per_week", "Messages a week", "rate"), {"per_week": 0.2}, speak("nl"))
    '0,2'
    """
    names = column.of or (column.name,)
    first, *more = (_told(row.get(name)) for name in names)
    if first is None and column.kind != "auth":
        return UNTOLD if column.kind in _FIGURES and names[0] in row else ""
    match column.kind:
        case "count":
            return words.count(int(first))
        case "rate":
            return words.decimal(float(first))
        case "date":
            return words.date(first)
        case "tls":
            return f"{words.percent(float(first))}({words.count(int(more[0] or 0))})"
        case "part":
            count, total = int(first), int(more[0] or 0)
            return f"{words.percent(count / total if total else 0.0)}({words.count(count)})"
        case "auth":
            counts = zip(auth_titles(words).values(), (first, *more), strict=True)
            used = sorted(((title, int(n)) for title, n in counts if n), key=lambda each: -each[1])
            return ", ".join(title for title, _ in used)
        case "list":
            return ", ".join(map(str, first))
        case _:
            return str(first)


def _told(value: Any) -> Any:
    return None if isinstance(value, float) and value != value else value


_OLD_TLS: Final = ("tls_none", "tls_1_0", "tls_1_1")


def look(column: Column, row: Mapping[str, Any]) -> str:
    """Return the class of a cell, as `smtpauth.look` does: a zero is muted, what is old is marked.

    >>> basic = Column("basic_count", "Basic auth", "part", ("basic_count", "message_count"))
    >>> look(basic, {"basic_count": 2, "message_count": 9}), look(basic, {"basic_count": 0})
    ('smtpauth-old', 'smtpauth-zero')
    """
    names = column.of or (column.name,)
    if column.kind == "severity":
        return f"smtpauth-level-{row[names[1]]}"
    counted = row.get(names[-1] if column.kind == "tls" else names[0])
    if column.kind in _FIGURES and counted == 0:
        return "smtpauth-zero"
    is_old = column.name in _OLD_TLS or names[0] == "basic_count"
    return "smtpauth-old" if is_old and counted and not pd.isna(counted) else ""


def tls_list(usage: pd.DataFrame, words: Words) -> list[dict[str, Any]]:
    """Return the list of TLS counts in Microsoft's order: tls_version, title, message_count, share.

    With the two that Microsoft's does not know, TLS 1.3 and unknown; None where nothing tells.
    """
    counts = dict(zip(usage["tls_version"], usage["message_count"], strict=True))
    shares = dict(zip(usage["tls_version"], usage["share"], strict=True))
    best = max(version for version in TLS_VERSIONS if version[0].isdigit())
    titles = {**tls_titles(words), best: words("(Most secure) {tls}", tls=f"TLS {best}")}
    return [
        {
            "tls_version": version,
            "title": title,
            "message_count": _told(counts.get(version, 0)),
            "share": _told(shares.get(version, 0.0)),
        }
        for version, title in titles.items()
    ]


def status(scope: Scope, message_count: int, account_count: int, words: Words) -> str:
    """Return the line read out with every answer; its message count is in plain digits."""
    if scope.start is None or scope.end is None:
        return words("0 messages: nothing is loaded yet.")
    if scope.source is None:
        start, end = scope.start.isoformat(), scope.end.isoformat()
        return words("0 messages from {start} to {end}.", start=start, end=end)
    return words(
        "{digits} {messages} from {senders}, {start} to {end}, source: {source}",
        digits=str(message_count),
        messages=words("messages", n=message_count),
        senders=senders_counted(scope, account_count, words),
        start=scope.start.isoformat(),
        end=scope.end.isoformat(),
        source=source_title(scope.source, words),
    )


def senders_counted(scope: Scope, count: int, words: Words) -> str:
    """Say how many senders were counted, by what they are: addresses are not called accounts.

    One account may send as several addresses; only a log of sign-ins counts accounts themselves.

    Examples
    --------
    >>> from smtpauth_kit.words.words import speak
    >>> senders_counted(settle_scope(store), 2, speak("en"))
    '2 sender addresses'
    """
    if scope.accounts_from == "sign_ins":
        return words("{n} accounts", n=count)
    return words("{n} sender addresses", n=count)


def line(scope: Scope, message_count: int, account_count: int, words: Words) -> str:
    """Return the same as a person reads it; empty where nothing is loaded."""
    if scope.start is None or scope.end is None:
        return ""
    start, end = words.date(scope.start), words.date(scope.end)
    if scope.source is None:
        return words("0 messages from {start} to {end}.", start=start, end=end)
    return words(
        "{messages} from {senders}, {start} to {end}; source: {source}",
        messages=words("{n} messages", n=message_count),
        senders=senders_counted(scope, account_count, words),
        start=start,
        end=end,
        source=source_title(scope.source, words),
    )


def _used(senders: pd.DataFrame, version: str) -> bool:
    name = f"tls_{version.replace('.', '_')}_count"
    return name in senders and bool(pd.to_numeric(senders[name]).sum() > 0)


def _tls_column(version: str, title: str, words: Words) -> Column:
    name = f"tls_{version.replace('.', '_')}"
    meaning = words("Share of the sender's messages over this TLS version, and how many")
    return Column(name, title, "tls", (f"{name}_share", f"{name}_count"), help=meaning)


def _auth_columns(words: Words) -> tuple[Column, ...]:
    names = (f"{protocol}_count" for protocol in AUTH_PROTOCOLS[:-1])
    titles = auth_titles(words).values()
    meaning = words("Share of the sender's messages with this protocol, and how many")
    return tuple(
        Column(name, title, "part", (name, "message_count"), help=meaning)
        for name, title in zip((*names, "unknown_auth_count"), titles, strict=True)
    )
