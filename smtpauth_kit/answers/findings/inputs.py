"""What the rules read: what counts of the facts, prepared once for all of them.

Each relation is a whole SELECT, `inputs/NAME.sql`. Where an engine keeps tables of one session they
are made once for all rules; elsewhere those that a rule reads are written in front of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from smtpauth_kit.answers.choosing import Sources
from smtpauth_kit.answers.composing import complete, parameters_of, reads
from smtpauth_kit.answers.counting import WhatCounts, what_counts
from smtpauth_kit.answers.coverage import loaded_periods, loaded_sign_ins
from smtpauth_kit.answers.findings import knowledge, short_names
from smtpauth_kit.answers.kept_days import (
    KEPT,
    SIGN_INS_KEPT,
    SPANS,
    are_kept,
    are_spans_kept,
)
from smtpauth_kit.base.filters import ALL
from smtpauth_kit.store.database import literal, sql_text
from smtpauth_kit.store.engine import Engine

_FOLDER: Final = "answers/findings/inputs"

_NEEDS_FOLDER: Final = "answers/findings/needs"
_NEEDS: Final = {
    "messages": (
        "messages", "message_times", "recipients", "client_ips", "tls", "auth", "accounts",
    ),
    "sign_ins": ("sign_ins", "failures", "sign_in_client_ips", "user_agents"),
    "days": ("days_of_messages", "days_of_sign_ins"),
    "settings": ("mailbox_settings",),
    "recipients": ("recipient_addresses",),
    "places": ("used_addresses", "days_of_use"),
    "countries": ("countries",),
}  # fmt: skip
"""The files of `needs/`, and the needs that each tells of."""

_ASKED: Final = (
    "place_days_asked", "attempt_days_asked", "sent_spans_asked", "attempt_spans_asked",
)  # fmt: skip
"""Relations of which few client addresses may be read."""

_AS_VIEWS: Final = ("seen_messages", "message_places", "account_places", *_ASKED)
"""Relations that are a part of another: a copy would cost more than it saves."""

_FEW_ROWS: Final = ("place_spans", "attempt_spans")
"""Kept relations that so many others read that a table of their names as numbers saves time."""

_COLUMNS: Final = {
    "place_days": (
        "source, tenant, ahead_of_clock, period_start, period_end, sender_key, account_key, "
        "client_ip, message_count, weak_tls_count, strong_tls_count, basic_count, oauth_count, "
        "recipient_count, largest_recipient_count, first_sent_at, last_sent_at"
    ),
    "hour_days": (
        "source, tenant, ahead_of_clock, period_start, sender_key, hour_of_day, message_count"
    ),
    "recipient_days": "source, tenant, ahead_of_clock, period_start, sender_key, domain",
    "place_spans": (
        "tenant, span, sender_key, account_key, client_ip, message_count, weak_tls_count, "
        "strong_tls_count, basic_count, oauth_count, recipient_count, days_bits, first_day, "
        "last_day, first_sent_at, last_sent_at"
    ),
    "attempt_days": (
        "tenant, period_start, account_key, client_ip, country, network, user_agent, result, "
        "error_code, attempt_count, first_at, last_at"
    ),
    "attempt_spans": (
        "tenant, span, account_key, client_ip, country, network, user_agent, result, error_code, "
        "attempt_count, days_bits, first_day, last_day, first_at, last_at"
    ),
    "hour_spans": "tenant, sender_key, hour_of_day, message_count, day_count",
    "recipient_spans": "tenant, sender_key, domain, first_day",
}
"""The columns of kept relations that are read by their names."""

_FEW: Final = 0.01
"""Days ahead of the clock with a smaller share of all are slips; with more, the clock is wrong."""

_ROWS: Final = (
    "source, tenant, ahead_of_clock, sent_at, period_start, period_end, sender_key, account_key, "
    "client_ip, tls_version, auth_protocol, recipient_count, message_count"
)
_NUMBERED: Final = (
    "sender_id, account_id, tenant, sent_at, period_start, period_end, client_ip, recipient_count, "
    "message_count"
)
_RECIPIENTS: Final = (
    "source, tenant, ahead_of_clock, period_start, period_end, sender_key, recipients, "
    "recipient_count"
)
_SIGN_INS: Final = (
    "source, tenant, ahead_of_clock, signed_in_at, account_key, result, error_code, "
    "auth_protocol, client_ip, country, network, user_agent, file_id"
)


@cache
def texts() -> Mapping[str, str]:
    """Return the SELECT of each relation of `inputs/`, by its name, without what it reads.

    Examples
    --------
    >>> "from place_spans" in texts()["sent_spans"]
    True
    """
    folder = files("smtpauth_kit").joinpath(*_FOLDER.split("/"))
    names = [each.name.removesuffix(".sql") for each in folder.iterdir()]
    return {name: _body(sql_text(name, _FOLDER)) for name in sorted(names)}


def _body(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("--")).strip()


NO_SETTINGS: Final[Mapping[str, float]] = {}


class Inputs:
    """The relations that rules read, of one state of an engine.

    Parameters
    ----------
    source
        "auto", or the source of messages and sign-ins that is asked for.
    made
        Called after each relation that is made for the session.
    """

    def __init__(
        self,
        engine: Engine,
        counts: WhatCounts | None = None,
        made: Callable[[], None] = lambda: None,
    ) -> None:
        self._engine, self._tell = engine, made
        counts = counts or what_counts(engine)
        self.sources: Sources = counts.sources
        self.sign_in_sources: Sources = counts.sign_in_sources
        counting = _counting(engine, counts)
        self.relations = {**texts(), **counting, **knowledge.relations(engine)}
        kept = (*KEPT, *SIGN_INS_KEPT, *SPANS)
        self._kept = tuple(name for name in kept if name in counting)
        self._views = {*_AS_VIEWS, *self._kept} - {*_FEW_ROWS}
        self._made: dict[str, Mapping[str, float]] = {}
        self._is_short = False

    def shorten(self) -> None:
        """Let names be numbers in tables of this session, where the store keeps its days."""
        if self._kept:
            self._is_short = True
            has_spans = self.has_spans
            for statement in short_names.statements(has_spans):
                self._engine.rows(statement)
            named = (*self._kept, "counting_senders", *([] if has_spans else ["counting_sign_ins"]))
            for name in named:
                self.relations[name] = short_names.shortened(self.relations[name])
            self.relations["seen_messages"] = short_names.MESSAGES
            if has_spans:
                self.relations["seen_sign_ins"] = short_names.SIGN_INS
                self._views.add("seen_sign_ins")

    def narrow(self, addresses: str) -> None:
        """Let rows be read of the client addresses alone that a SELECT gives: few of all."""
        self.relations["asked_addresses"] = addresses
        for name in _ASKED:
            here = "where client_ip in (select client_ip from asked_addresses)"
            self.relations[name] = f"{texts()[name]}\n{here}"

    @property
    def has_spans(self) -> bool:
        """Whether the store keeps what its days add up to: few rows."""
        return "place_spans" in self._kept

    def complete(self, text: str) -> str:
        """Return a statement with what it reads in front of it, but for what is made already."""
        known = {name: sql for name, sql in self.relations.items() if name not in self._made}
        return complete(text, known)

    def make(self, name: str, settings: Mapping[str, float] = NO_SETTINGS) -> None:
        """Keep a relation as a table of this session, after those that it reads.

        One that goes by settings of a rule is kept for the next rule that has the same.
        """
        for each in (*reads(self.relations[name], self.relations), name):
            text = self.relations[each]
            named = parameters_of(text)
            params = {key: value for key, value in settings.items() if key in named}
            is_made = self._made.get(each) == params
            if is_made or each.startswith("counting_") or len(params) < len(named):
                continue
            sql = self.complete(text)
            kind = "view" if each in self._views else "table"
            self._engine.rows(f"create or replace temp {kind} {each} as\n{sql}", params)
            for statement in short_names.AFTERWARDS.get(each, ()) if self._is_short else ():
                self._engine.rows(statement)
            self._made[each] = params
            self._tell()

    def make_for(self, text: str, settings: Mapping[str, float] = NO_SETTINGS) -> None:
        """Keep, as tables of this session, all relations that a statement reads."""
        for name in reads(_body(text), self.relations):
            self.make(name, settings)


def rows_of_days(days: str) -> dict[str, str]:
    """Return the relations that kept days are made from: all sources' rows of some days.

    Parameters
    ----------
    days
        The condition that a row is of one of these days.
    """
    rows = f"from submissions\nwhere superseded_by is null and {days}"
    day = "cast(signed_in_at as date)"
    attempts = (
        f"from (\n    select *, {day} as period_start, {day} as period_end\n    from sign_ins\n"
        f") as told\nwhere {days}"
    )
    return {
        "counting_rows": f"select {_ROWS}\n{rows}",
        "counting_recipients": f"select {_RECIPIENTS}\n{rows}",
        "counting_sign_ins": f"select {_SIGN_INS}\n{attempts}",
    }


def _counting(engine: Engine, counts: WhatCounts) -> dict[str, str]:
    """Return the relations of the rows that count: of messages, recipients, sign-ins; sources."""
    counting = counts.conditions()
    usual = {
        "submissions": _not_ahead(_ahead_of_messages(engine)),
        "sign_ins": _not_ahead(_ahead_of_sign_ins(engine)),
    }
    messages = f"from submissions\nwhere {counting['submissions']}{usual['submissions']}"
    sign_ins = f"from sign_ins\nwhere {counting['sign_ins']}{usual['sign_ins']}"
    pairs = [
        f"select {literal(tenant)} as tenant, {literal(source)} as source"
        for tenant, source in counts.sources or (("", ""),)
    ]
    return {
        "counting_rows": f"select {_ROWS}\n{messages}",
        "counting_recipients": f"select {_RECIPIENTS}\n{messages}",
        "counting_sign_ins": f"select {_SIGN_INS}\n{sign_ins}",
        "counting_senders": (
            "select tenant, sender_key, period_start\nfrom (\n"
            "    select tenant, sender_key, min(period_start) as period_start\n"
            "    from daily_by_sender\n    where message_count > 0\n"
            "    group by tenant, sender_key\n) as heard"
        ),
        "counting_sources": "\nunion all ".join(pairs),
        "counting_messages": (
            f"select {_NUMBERED}\nfrom submission_rows\n"
            f"where duplicate_of is null and {counting['submissions']}{usual['submissions']}"
        ),
        **_kept(
            engine,
            f"{counting['daily_by_sender']}{usual['submissions']}",
            f"{counting['sign_ins']}{usual['sign_ins']}",
        ),
    }


def _kept(engine: Engine, messages: str, sign_ins: str) -> dict[str, str]:
    """Return the relations that are read from what the store keeps of days and of spans."""
    has_spans = are_spans_kept(engine)
    if has_spans:
        tables = {**KEPT, **SIGN_INS_KEPT, **SPANS}
    elif not engine.has_tables(*SPANS.values()) and are_kept(engine):
        tables = KEPT
    else:
        return {}
    kept = {
        name: f"select {_COLUMNS[name]}\nfrom {table}\nwhere "
        + (sign_ins if name.startswith("attempt_") else messages)
        + (_ADDRESSED.get(name, "") if has_spans else "")
        for name, table in tables.items()
    }
    return {**kept, "recipient_domains": texts()["recipient_domains_of_days"]}


_ADDRESSED: Final = {
    "recipient_days": "\n    and is_addressed",
    "recipient_spans": "\n    and first_day is not null",
}
"""Which rows of kept domains are those that the rules go by."""


def _not_ahead(share: float) -> str:
    return "\n    and not ahead_of_clock" if 0 < share < _FEW else ""


def _ahead_of_messages(engine: Engine) -> float:
    periods, ahead = loaded_periods(engine, ALL)
    return _share([(p.end, p.message_count) for p in periods], ahead)


def _ahead_of_sign_ins(engine: Engine) -> float:
    days, ahead = loaded_sign_ins(engine, ALL)
    return _share([(d.day, d.attempt_count) for d in days], ahead)


def _share(counted: list[tuple[dt.date, int]], ahead: set[dt.date]) -> float:
    """Return the share of messages, or sign-ins, that lies ahead of the clock."""
    total = sum(count for _, count in counted)
    return sum(count for day, count in counted if day in ahead) / total if total else 0.0


def told(inputs: Inputs, engine: Engine, needs: Iterable[str]) -> Mapping[str, bool]:
    """Return whether the sources meet needs of rules, by the needs' names.

    Only what tells of these needs is looked at.
    """
    wanted, met = set(needs), dict[str, bool]()
    for name, of_name in _NEEDS.items():
        if wanted & set(of_name):
            text = sql_text(name, _NEEDS_FOLDER)
            if engine.keeps_tables:
                inputs.make_for(text)
            row = engine.rows(inputs.complete(text)).first()
            met |= {need: bool(row[need]) for need in of_name}
    return met
