"""What stands below the card of one sender: what is unusual, what stops it, whom it is like.

Each part says in one sentence what is to be seen, also where that is nothing; a screen and a page
without a kernel draw the same parts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

from smtpauth_kit.answers.devices import telling_scope
from smtpauth_kit.answers.of_tenants import of_tenants
from smtpauth_kit.answers.questions import Answer, ask
from smtpauth_kit.answers.readiness.answer import readiness_scope
from smtpauth_kit.answers.readiness.comparable import comparable_senders
from smtpauth_kit.answers.readiness.judging import senders_of
from smtpauth_kit.answers.recipients import new_since, sender_recipients
from smtpauth_kit.answers.scope import Scope
from smtpauth_kit.answers.sender_conditions import address_key
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.views import findings, readiness, reconciliation
from smtpauth_kit.views.details_table import Column
from smtpauth_kit.views.filter_words import source_title
from smtpauth_kit.views.findings import Found
from smtpauth_kit.words.words import UNTOLD, Words

LIKENESS_TITLES: Final = {
    "family": "Device family", "rhythm": "Rhythm", "volume": "Volume", "network": "Network",
}  # fmt: skip
"""Keys of the words."""

MOST_ROWS: Final = 200
"""Rows of each table; of more it is said how many."""


@dataclass(frozen=True)
class Part:
    """A part of the page: its heading, a sentence, and rows."""

    name: str
    title: str
    said: str
    rows: pd.DataFrame = field(default_factory=pd.DataFrame)
    columns: tuple[Column, ...] = ()
    fields: tuple[Column, ...] = ()
    """Of the first row, one below the other, in place of a table."""

    @property
    def more(self) -> int:
        """How many rows are not shown."""
        return max(0, len(self.rows) - MOST_ROWS)


@of_tenants
def parts(engine: Engine, address: str, filters: Filters, words: Words) -> list[Part]:
    """Return the parts about one sender that are asked of all days loaded, but for `unusual`.

    Of the filters they have the tenants and the source.

    Examples
    --------
    >>> from smtpauth_kit.words.words import speak
    >>> for part in parts(store, "scanner@contoso.com", Filters(), speak("en")):
    ...     print(part.name, "|", part.said)
    readiness | ▲ Basic auth, ◆ TLS 1.0/1.1. State: Open.
    recipients | It wrote to 1 domain, by the submission log.
    reconciliation | No two sources tell of this sender's messages on the same days.
    comparable | Alike in two or more of: ...
    """
    of_one, of_all = of_every_day(filters, sender=address), of_every_day(filters)
    scope, key = readiness_scope(engine, of_all), address_key(address)
    like = comparable_senders(engine, scope, key)
    has_messages = any(each.key == key for each in senders_of(engine, scope))
    to = telling_scope(engine, of_one, "recipients")
    return [
        _readiness(ask(engine, "readiness", of_one), has_messages, words),
        _recipients(sender_recipients(engine, to), to, words),
        _reconciliation(ask(engine, "reconciliation", of_one), words),
        _comparable(like, words),
    ]


# --- what is unusual ----------------------------------------------------------------------------


def of_every_day(filters: Filters, sender: str | None = None) -> Filters:
    """Return the tenants and the source of filters, for every day and one sender or all.

    >>> of_every_day(Filters(tenants=("contoso",), min_messages=5)) == Filters(tenants=("contoso",))
    True
    """
    return Filters(tenants=filters.tenants, source=filters.source, sender=sender)


def unusual(found: Found, words: Words) -> Part:
    """Return the part about what is unusual; of its incidents `incident_id` is beside each row."""
    said = findings.summary(found, words)
    if not found.incidents and found.rule_count == 0:
        said = words("Unusual activity: nothing can be judged yet")
    elif not found.incidents:
        said = words("Nothing unusual was found about this sender.")
    rows = pd.DataFrame(findings.rows(found, words), dtype=object)
    columns = tuple(c for c in findings.columns(words) if c.name != "subject")
    return Part("unusual", words("Unusual activity"), said, rows, columns)


def not_judged(words: Words) -> Part:
    """Return the same part of a store that is too large to be judged unasked."""
    said = words("Not judged yet: sk.findings(store) looks at all senders, and takes a while.")
    return Part("unusual", words("Unusual activity"), said)


# --- who stops ------------------------------------------------------------------------------------


def _readiness(answer: Answer, has_messages: bool, words: Words) -> Part:
    title = words("Readiness")
    if not has_messages:
        return Part("readiness", title, words("No messages of this sender are loaded."))
    if answer.rows.empty:
        text = "It used no Basic auth, no old TLS and always TLS, on all days loaded."
        return Part("readiness", title, words(text))
    rows = readiness.rows(answer.rows.iloc[:1], words)
    row: Mapping[Any, Any] = rows.iloc[0].to_dict()
    said = words(
        "{stops}. State: {state}.", stops=row["breaks_text"] or UNTOLD, state=row["state_text"]
    )
    told = readiness.exceptions_of(answer, words)
    return Part("readiness", title, " ".join([said, *told]), rows, fields=_fields(words))


def _fields(words: Words) -> tuple[Column, ...]:
    said = ("owner", "state_text", "due_date", "note")
    kept = [column for column in readiness.columns(words) if column.name in said]
    usual = ("breaks_text", "rhythm_text", "next_expected", "last_basic", "way_text",
             "last_legacy_tls", "active_days", "allowed_text")  # fmt: skip
    facts = [column for column in readiness.fields(words) if column.name in usual]
    return (*facts, *kept)


# --- to whom it writes ----------------------------------------------------------------------------


def _recipients(rows: pd.DataFrame, scope: Scope, words: Words) -> Part:
    title = words("Recipients' domains")
    if rows.empty:
        return Part("recipients", title, words("No source shown tells to whom it writes."))
    since = new_since(rows, scope)
    said = words(
        "It wrote to {n} domains, by the {source}.",
        n=len(rows), source=source_title(scope.source, words),
    )  # fmt: skip
    if since is not None:
        new = words("New, first written to since {day}: {n}.", day=words.date(since),
                    n=int(rows["is_new"].sum()))  # fmt: skip
        said = f"{said} {new}"
    marked = rows.assign(
        new_text=[f"\u25cf {words('New')}" if is_new else "" for is_new in rows["is_new"]]
    )
    columns: tuple[Column, ...] = (
        Column("domain", words("Domain")),
        Column("new_text", words("New")),
        Column("first_seen", words("First seen"), "date"),
        Column("last_seen", words("Last seen"), "date"),
        Column("message_count", words("Messages"), "count"),
        Column("day_count", words("Days"), "count"),
    )
    if not rows["is_new"].any():
        columns = tuple(column for column in columns if column.name != "new_text")
    return Part("recipients", title, said, marked, columns)


# --- where sources differ, and whom it is like ----------------------------------------------------


def _reconciliation(answer: Answer, words: Words) -> Part:
    title, rows = words(reconciliation.TITLE), answer.rows
    if rows.empty:
        text = "No two sources tell of this sender's messages on the same days."
        return Part("reconciliation", title, words(text))
    shown = pd.DataFrame(reconciliation.shown_rows(rows, words), dtype=object)
    shown["why"] = [" ".join(each["text"] for each in told) for told in shown["reasons"]]
    usual = [c for c in reconciliation.columns(rows, words) if c.name != "sender_address"]
    columns = (*usual, Column("why", words("Why")))
    return Part("reconciliation", title, reconciliation.finding(rows, words), shown, columns)


def _comparable(rows: pd.DataFrame, words: Words) -> Part:
    title = words("Comparable senders")
    if rows.empty:
        text = "No other sender is like it in two of device family, rhythm, volume and network."
        return Part("comparable", title, words(text))
    said = words(
        "Alike in two or more of: device family by name, rhythm, volume (half to twice as many "
        "messages a week), network. Alike by most, first."
    )
    told = rows.to_dict("records")
    shown = rows.assign(
        alike=pd.Series(
            [[words(LIKENESS_TITLES[each]) for each in row["alike_by"]] for row in told],
            dtype=object,
        ),
        breaks_text=[readiness.breaks_text(row["breaks"], row["moved"], words) for row in told],
        rhythm_text=[readiness.rhythm_text(row["rhythm"], words) for row in told],
        per_week=rows["messages_per_week"],
        way=[words(readiness.WAY_TITLES[row["way_out"]]) for row in told],
    )
    columns = (
        Column("sender_address", words("Sender address")),
        Column("alike", words("Alike by"), "list"),
        Column("per_week", words("Messages a week"), "rate"),
        Column("rhythm_text", words("Rhythm")),
        Column("breaks_text", words("Stops with")),
        Column("way", words("Way out")),
        Column("networks", words("Network"), "list"),
    )
    return Part("comparable", title, said, shown, columns)


# --- who else -------------------------------------------------------------------------------------

MOST_PLACES: Final = 6


def places(clients: pd.DataFrame, words: Words) -> list[dict[str, Any]]:
    """Return what leads to others: its newest client IPs, networks, countries, each {text, ask}."""
    named: list[tuple[str, list[str]]] = [
        ("client_ip", [str(each) for each in clients["client_ip"]]),
        ("network", [_asn(str(each)) for told in clients["networks"] for each in told]),
        ("country", [str(each) for told in clients["countries"] for each in told]),
    ]
    return [
        {"text": words("Who else used {place}", place=place), "ask": {"who": {kind: place}}}
        for kind, all_ in named
        for place in list(dict.fromkeys(all_))[:MOST_PLACES]
    ]


def _asn(network: str) -> str:
    """Return a network as it is compared: sign-ins name AS64501 also as 64501."""
    return f"AS{network}" if network.isdecimal() else network
