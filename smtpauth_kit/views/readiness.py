"""Readiness as people read it: who stops, the hardest first, and what a switch-off would stop.

Screens, pages, sheets and letters show these same texts, columns and rows; `burn_down.py` has the
weeks, `quiet.py` who fell silent and whom nobody ever saw.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from smtpauth_kit.answers.of_tenants import of_tenants
from smtpauth_kit.answers.questions import Answer, ask
from smtpauth_kit.answers.readiness.burn_down import Forecast, forecast
from smtpauth_kit.answers.readiness.judging import senders_of
from smtpauth_kit.answers.scope import Scope
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.views.details_table import Column
from smtpauth_kit.views.sender_card import days_text
from smtpauth_kit.words.words import UNTOLD, Words

if TYPE_CHECKING:
    import pandas as pd

MARKS: Final = {
    "basic_off": "\u25b2", "legacy_tls_refused": "\u25c6", "cleartext_refused": "\u25a0",
    "switch_blocked": "\u2715", "auth_unknown": "?",
}  # fmt: skip
"""The sign of each thing that breaks: it is never told by colour alone."""

_MOVED: Final = "\u2713"

BREAK_TITLES: Final = {
    "basic_off": "Basic auth", "legacy_tls_refused": "TLS 1.0/1.1", "cleartext_refused": "No TLS",
    "switch_blocked": "SMTP AUTH blocked", "auth_unknown": "Authentication unknown",
}  # fmt: skip
RHYTHM_TITLES: Final = {
    "daily": "Daily", "weekdays": "Weekdays", "weekly": "Weekly", "monthly": "Monthly",
    "quarterly": "Quarterly", "irregular": "Irregular", "once": "Once",
}  # fmt: skip
WAY_TITLES: Final = {
    "oauth": "OAuth", "high_volume_email": "High Volume Email",
    "azure_communication_services": "Azure Communication Services",
    "connector_relay": "Connector or relay", "graph": "Microsoft Graph",
    "upgrade_tls": "Newer TLS", "switch_off": "Close it",
}  # fmt: skip
STATE_TITLES: Final = {
    "open": "Open", "contacted": "Contacted", "in_progress": "In progress", "done": "Done",
    "accepted": "Accepted",
}  # fmt: skip
ALLOWED_TITLES: Final = {
    "blocked": "Blocked", "inherits_blocked": "Blocked by the tenant's setting",
    "allowed": "Allowed", "inherits_allowed": "Allowed by the tenant's setting",
    "unknown": "Unknown",
}  # fmt: skip
"""Keys of the words."""

NOTHING_CHOSEN: Final[dict[str, Any]] = {
    "domains": (), "start": None, "end": None, "as_of": None, "sender": None, "senders": (),
    "where": (), "min_messages": 0, "source": "auto",
}  # fmt: skip
"""The filters that choose among senders, with nothing chosen; what goes off is no filter."""


@dataclass(frozen=True)
class Ready:
    """Who stops, what a switch-off would stop, and the weeks until it, of one moment."""

    readiness: Answer
    switch_off: Answer
    burn_down: Answer
    forecast: Forecast | None
    """None: nothing is loaded, or no source tells who uses Basic auth."""
    is_anything_loaded: bool

    @property
    def scope(self) -> Scope:
        """The days and sources that it is of."""
        return self.readiness.scope

    @property
    def rows(self) -> pd.DataFrame:
        """One row per sender, as `answers.readiness.answer.readiness`."""
        return self.readiness.rows

    @property
    def retirement(self) -> dt.date:
        """The day on which Basic auth goes."""
        day: dt.date = self.burn_down.beside["retirement_date"]
        return day


@of_tenants
def find(engine: Engine, filters: Filters) -> Ready:
    """Return readiness with its switch-off and weeks; conditions choose among senders alone.

    Raises
    ------
    UsageError
        A filter that readiness has not, a condition on a column that it has not, or nothing that
        can go off.

    Examples
    --------
    >>> ready = find(store, Filters(off=("legacy_tls",)))
    >>> ready.rows["sender_address"].tolist(), ready.switch_off.beside["sender_count"]
    (['scanner@contoso.com'], 1)
    """
    plain = filters.changed(where=())
    found = ask(engine, "readiness", filters)
    weeks = ask(engine, "burn-down", plain)
    scope = found.scope
    tells = weeks.beside["projected_senders_left"] is not None and scope.end is not None
    ahead = None
    if tells and scope.end:
        days, day = len(scope.covered), weeks.beside["retirement_date"]
        ahead = forecast(senders_of(engine, weeks.scope), scope.end, days, day)
    loaded = bool(engine.rows("select count(*) as n from source_files").first()["n"])
    return Ready(found, ask(engine, "switch-off", plain), weeks, ahead, loaded)


# --- texts ------------------------------------------------------------------------------------


def breaks_text(breaks: Sequence[str], moved: bool, words: Words) -> str:
    """Return what breaks, each with its mark; of who has moved, that.

    >>> from smtpauth_kit.words.words import speak
    >>> breaks_text(["basic_off", "legacy_tls_refused"], False, speak("en"))
    '\u25b2 Basic auth, \u25c6 TLS 1.0/1.1'
    >>> breaks_text([], True, speak("nl"))
    '\u2713 Overgestapt'
    """
    told = [f"{MARKS[code]} {words(BREAK_TITLES[code])}" for code in breaks]
    return ", ".join([f"{_MOVED} {words('Moved')}", *told] if moved else told)


def rhythm_text(rhythm: str | None, words: Words) -> str:
    """Return how its days repeat; a dash where its source counts no days."""
    return words(RHYTHM_TITLES[rhythm]) if rhythm else UNTOLD


def tls_text(row: Mapping[Any, Any], words: Words) -> str:
    """Return which old TLS a sender used, with its share of the messages.

    >>> from smtpauth_kit.words.words import speak
    >>> tls_text({"message_count": 4, "legacy_tls_count": 3, "none_tls_count": None}, speak("en"))
    'TLS 1.0/1.1 75%'
    """
    total, legacy, clear = (
        row[name] for name in ("message_count", "legacy_tls_count", "none_tls_count")
    )
    if legacy is None and clear is None:
        return UNTOLD
    counts = {"TLS 1.0/1.1": legacy, "No TLS": clear}
    used = [f"{words(title)} {words.percent(n / total)}" for title, n in counts.items() if n]
    return ", ".join(used) or words("No old TLS")


def way_text(row: Mapping[Any, Any], words: Words) -> str:
    """Return how a sender goes on, and why."""
    return f"{words(WAY_TITLES[row['way_out']])}: {words.told(row['way_out_reason'])}"


def summary(ready: Ready, words: Words, *, is_status: bool = True) -> str:
    """Say how many senders are at stake, with how many messages, and how many stop by what.

    A status line has the messages in plain digits, for scripts.

    >>> from smtpauth_kit.words.words import speak
    >>> summary(find(store, Filters()), speak("en")).partition(". ")[0]
    '1 sender at stake, with 2 messages: Nov 16, 2026 to Nov 22, 2026'
    """
    scope, rows = ready.scope, ready.rows
    if not ready.is_anything_loaded or scope.start is None or scope.end is None:
        return words('Nothing is loaded yet. Load your exports: sk.load(store, "data/exports").')
    count = int(rows["message_count"].sum()) if len(rows) else 0
    said = words(
        "{n} senders at stake, with {digits} messages: {days}.",
        n=len(rows),
        digits=str(count) if is_status else count,
        days=days_text(scope.start, scope.end, words),
    )
    return f"{said} {words.told(ready.readiness.beside['statement'])}"


def why_empty(ready: Ready, filters: Filters, words: Words) -> dict[str, str]:
    """Say why there is no sender: text, and drop and action where something leads on."""
    if len(ready.rows) or not ready.is_anything_loaded:
        return {}
    if any(getattr(filters, name) != no for name, no in NOTHING_CHOSEN.items()):
        return {
            "text": words("No sender at stake matches these choices."),
            "drop": "all",
            "action": words("Take all off"),
        }
    if ready.scope.source is None:
        return {
            "text": words(
                "No source of messages is loaded. Load one that tells the authentication: the "
                "requested report, a submission log, or the log of a mail server."
            )
        }
    return {"text": words("Nobody used Basic auth, old TLS or no TLS on the days loaded.")}


def exceptions(ready: Ready, words: Words) -> list[str]:
    """Return who may stay as it is until when, and who said so; those past their day first."""
    return exceptions_of(ready.readiness, words)


def exceptions_of(answer: Answer, words: Words) -> list[str]:
    """Return the same of the senders of an answer `readiness`."""
    told = sorted(answer.beside["exceptions"], key=lambda each: not each["is_over"])
    return [_exception(each, words) for each in told]


def _exception(each: Mapping[str, Any], words: Words) -> str:
    said_at = each["said_at"]
    values = {
        "sender": each["sender_address"],
        "until": words.date(each["until"]) if each["until"] else words("for good"),
        "who": each["said_by"] or words("somebody"),
        "day": words.date(said_at.date()) if said_at else UNTOLD,
    }
    text = "{sender} may stay as it is: {until}, said {who} on {day}."
    if each["is_over"]:
        text = "{sender} was to stay as it is until {until}, said {who} on {day}: that is past."
    note = f" {each['note']}" if each["note"] else ""
    return f"{words(text, **values)}{note}"


# --- rows -------------------------------------------------------------------------------------


def columns(words: Words, rows: pd.DataFrame | None = None) -> tuple[Column, ...]:
    """Return the columns of the list of senders; what people say of one can be written there.

    Where rows are of several tenants, each has its tenant.
    """
    several = rows is not None and rows["tenant"].nunique() > 1
    tenant = (Column("tenant", words("Tenant")),) if several else ()
    states = tuple((name, words(title)) for name, title in STATE_TITLES.items())
    return (
        Column(
            "sender_address", words("Sender address"), help=words("From or MAIL FROM, as it came")
        ),
        *tenant,
        Column(
            "breaks_text",
            words("Stops with"),
            help=words("What it used in its last 30 days that goes: it stops with each of them"),
        ),
        Column(
            "rhythm_text",
            words("Rhythm"),
            help=words("How its days repeat; a dash where the source counts no days"),
        ),
        Column(
            "next_expected",
            words("Next expected"),
            "date",
            help=words("The next day on which it is due by its own rhythm"),
        ),
        Column("last_basic", words("Last Basic auth"), "date"),
        Column("message_count", words("Messages"), "count"),
        Column("tls_text", words("TLS"), help=words("Old TLS and no TLS, of all its messages")),
        Column(
            "way_text",
            words("Way out"),
            help=words("How it goes on, with the reason from its own messages"),
        ),
        Column("owner", words("Owner"), edit="text"),
        Column("state_text", words("State"), of=("state_text", "state"), edit="choice",
               choices=states),
        Column(
            "due_date",
            words("Due date"),
            "date",
            edit="day",
            help=words("With the state Accepted: the day until which it may stay as it is"),
        ),
        Column("note", words("Note"), edit="text"),
    )  # fmt: skip


def columns_said(answer: pd.DataFrame, words: Words) -> tuple[Column, ...]:
    """Return the columns for where nothing is written in: none that nobody said anything of."""
    said = {name for name in ("owner", "due_date", "note") if answer[name].notna().any()}
    said |= {"state_text"} if (answer["state"] != "open").any() else set()
    return tuple(each for each in columns(words, answer) if not each.edit or each.name in said)


def rows(answer: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Return rows of readiness with the texts that `columns` show."""
    told = answer.to_dict("records")
    return answer.assign(
        breaks_text=[breaks_text(row["breaks"], row["moved"], words) for row in told],
        rhythm_text=[rhythm_text(row["rhythm"], words) for row in told],
        tls_text=[tls_text(row, words) for row in told],
        way_text=[way_text(row, words) for row in told],
        state_text=[words(STATE_TITLES[row["state"]]) for row in told],
        allowed_text=[words(ALLOWED_TITLES[row["allowed"]]) for row in told],
    )


def fields(words: Words) -> tuple[Column, ...]:
    """Return what a flyout lists of one sender beside the columns of the list."""
    return (
        *[column for column in columns(words) if not column.edit][1:],
        Column("first_seen", words("First seen"), "date"),
        Column("last_seen", words("Last seen"), "date"),
        Column("basic_count", words("Basic auth"), "part", ("basic_count", "message_count")),
        Column("oauth_count", words("OAuth"), "part", ("oauth_count", "message_count")),
        Column("unknown_auth_count", words("Authentication unknown"), "count"),
        Column("last_legacy_tls", words("Last TLS 1.0/1.1"), "date"),
        Column("active_days", words("Days with a message"), "count"),
        Column("client_ip_count", words("Client IPs"), "count"),
        Column("allowed_text", words("Mailbox setting")),
    )
