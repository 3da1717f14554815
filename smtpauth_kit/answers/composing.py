"""How an answer's SQL becomes complete: the relations it reads are written in front of it.

An answer's file reads tables of the store and relations such as `counted`, by their names alone. A
relation is a whole SELECT: a file in `shared/`, or a SELECT on one with the conditions of the
filters. `complete` writes those that a statement reads before it, as CTEs. No value is ever in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from textwrap import indent
from typing import Any, Final

from smtpauth_kit.answers import sender_conditions
from smtpauth_kit.answers.local_days import hours_near_midnight, spell_days
from smtpauth_kit.base.filter_fields import GROUPS, FilterField
from smtpauth_kit.base.filters import ALL, Filters
from smtpauth_kit.store.database import sql_text

_CHOSEN: Final = FilterField(
    GROUPS,
    "senders",
    "",
    of_messages="sender_key in (select sender_key from chosen_senders)",
    of_sign_ins="account_key in (select sender_key from chosen_senders)",
    told_by="sender",
)
"""The condition that a row is of a sender who meets the conditions on senders."""

_OF_SCOPE: Final = (
    "(source = $source or array_contains($sources, concat(tenant, '|', source)))",
    "period_start >= $start",
    "period_end <= $end",
    # Of a report, the periods that count: they were chosen so that none overlaps another.
    "(source <> 'report' or array_contains($periods,\n"
    "        concat(tenant, '|', cast(period_start as string), '|', cast(period_end as string))))",
)

_BEFORE: Final = tuple(
    condition.replace("$start", "$before_start")
    .replace("$end", "$before_end")
    .replace("$periods", "$before_periods")
    for condition in _OF_SCOPE
)
"""The same of as many days before the range."""

_EARLIER: Final = (
    _OF_SCOPE[0],
    "array_contains($shown_tenants, tenant)",
    "period_end < $start",
    _OF_SCOPE[3].replace("$periods", "$earlier_periods"),
)
"""The same of all days before the range, of the tenants that the range has anything of."""

_NEAR: Final = ("utc_start >= $near_start", "utc_end <= $near_end")
"""Days of any zone lie among these of UTC, which a store finds without reading all its rows."""

_NEAR_BEFORE: Final = tuple(each.replace("$near_", "$near_before_") for each in _NEAR)
_NEAR_EARLIER: Final = ("utc_end <= $start",)

_SIGN_INS_OF_SCOPE: Final = (
    "(source = $sign_in_source\n        "
    "or array_contains($sign_in_sources, concat(tenant, '|', source)))",
    "day >= $start",
    "day <= $end",
)


def statement(
    name: str, filters: Filters = ALL, params: Mapping[str, Any] | None = None, **more: str
) -> tuple[str, dict[str, Any]]:
    """Return an answer's complete SQL, and those of the parameters that it uses.

    Parameters
    ----------
    more
        Relations that only this answer reads: each a SELECT.
    """
    text = complete(sql_text(name, "answers"), {**relations(filters), **more})
    if timezone := (params or {}).get("timezone"):
        text = spell_days(text, timezone)
        params = {**(params or {}), **hours_near_midnight(timezone)}
    return used(text, params or {})


def used(text: str, params: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return a complete statement, and those of the parameters that it uses."""
    named = parameters_of(text)
    return text, {key: value for key, value in params.items() if key in named}


def complete(text: str, known: Mapping[str, str]) -> str:
    r"""Return a statement with the relations it reads in front of it, as CTEs.

    Examples
    --------
    >>> known = {"counted": "select * from days where source = $source", "days": "select 1 as n"}
    >>> print(complete("-- Question: how many?\nselect count(*) from counted", known))
    -- Question: how many?
    with days as (
        select 1 as n
    ), counted as (
        select * from days where source = $source
    )
    select count(*) from counted
    """
    header, body = parted(text)
    read = [f"{name} as (\n{indent(known[name], '    ')}\n)" for name in reads(body, known)]
    if read:
        own = f", {body.removeprefix('with ')}" if body.startswith("with ") else f"\n{body}"
        body = f"with {', '.join(read)}{own}"
    return header + body


def reads(body: str, known: Mapping[str, str]) -> list[str]:
    """Return the relations that a statement reads, each after those that it reads itself."""
    found: list[str] = []
    for name in tables_of(body):
        if name in known:
            found += [each for each in (*reads(known[name], known), name) if each not in found]
    return found


# The same few hundred texts are asked of again and again: a fifth of judging a small store.
@lru_cache(1024)
def tables_of(sql: str) -> tuple[str, ...]:
    """Return what a statement names behind `from` and `join`, in its order.

    >>> tables_of("select 'from here' as said from days join days_of using (day)")
    ('days', 'days_of')
    """
    return tuple(re.findall(r"\b(?:from|join) (\w+)", without_texts(sql)))


@lru_cache(1024)
def parameters_of(sql: str) -> frozenset[str]:
    """Return the names of the parameters of a statement.

    >>> parameters_of("select '$not' as said from days where day = $day")
    frozenset({'day'})
    """
    return frozenset(re.findall(r"\$(\w+)", without_texts(sql)))


TEXTS: Final = re.compile(r"--[^\n]*|'(?:[^']|'')*'")
"""Comments and texts in a statement. A tenant has any name: what is in a text is never SQL."""


def without_texts(sql: str) -> str:
    """Return a statement with nothing in its texts, to be searched for what it names.

    >>> without_texts("select 'from counted' as tenant from daily -- from nowhere")
    "select '' as tenant from daily ''"
    """
    return TEXTS.sub("''", sql)


def parted(text: str) -> tuple[str, str]:
    """Return the comment that a file starts with, and its statement."""
    lines = text.splitlines(keepends=True)
    size = next(n for n, line in enumerate(lines) if not line.startswith("--"))
    return "".join(lines[:size]), "".join(lines[size:]).strip()


@cache
def _shared(name: str) -> str:
    """Return the SELECT of a file in `shared/`, without its comment."""
    return parted(sql_text(name, "answers/shared"))[1]


def relations(filters: Filters) -> dict[str, str]:
    """Return the SELECT of each relation that answers may read, under these filters."""
    days, of_senders, messages = _facts(filters)
    narrowings = [each.of_messages for each in _narrowings(filters)]
    # Last: the senders are chosen from the rows that all other conditions leave.
    chosen = [_CHOSEN] if sender_conditions.having(filters).sql else []
    conditions = [*narrowings, *(each.of_messages for each in chosen)]
    fields = [*_narrowings(filters), *chosen]
    of_scope, before, earlier = _ranges(filters)
    of_sign_ins = [*_SIGN_INS_OF_SCOPE, *filter(None, (each.of_sign_ins for each in fields))]
    needed = {each.told_by for each in fields}
    by_sender = messages if "message" in needed else of_senders
    # Without a condition on senders the counts by domain are enough: the smallest table.
    smallest = by_sender if needed & {"sender", "message"} else days
    of_earlier = [text.replace("chosen_senders", "earlier_chosen_senders") for text in conditions]
    figures = _shared("sender_figures")
    return {
        "moved_messages": _shared("moved_messages"),
        "local_day_parts": _shared("local_day_parts"),
        "loaded_days": days,
        "ever_loaded": _where(of_senders, _of_senders(_narrowings(filters))),
        "ever_seen": _shared("ever_seen"),
        "loaded_by_sender": of_senders,
        **_counted(smallest, [*of_scope, *conditions]),
        "counted_by_sender": _where(by_sender, [*of_scope, *conditions]),
        "counted_before": _where(by_sender, [*before, *conditions]),
        "counted_earlier": _where(by_sender, [*earlier, *of_earlier]),
        "counted_messages": _where(messages, [*of_scope, *conditions]),
        "counted_sign_ins": _where(_shared("sign_ins_by_day"), of_sign_ins),
        "client_counts": _client_counts("counted_messages"),
        "sender_figures": figures,
        "sender_figures_before": figures.replace("counted_by_sender", "counted_before"),
        "found_senders": _shared("found_senders"),
        "new_senders": _shared("new_senders"),
        "gone_senders": _shared("gone_senders"),
        "changed_senders": _shared("changed_senders"),
        **_choice(filters, by_sender, messages, [*of_scope, *narrowings]),
        **_choice(filters, by_sender, messages, [*earlier, *narrowings], "earlier_"),
    }


def _narrowings(filters: Filters) -> list[FilterField]:
    """Return the filters that are set and that are conditions on the rows counted."""
    return [field for field, _ in filters.asked() if field.of_messages]


def _of_senders(narrowings: Iterable[FilterField]) -> list[str]:
    """Return the conditions of the senders shown, whatever the range and the source."""
    of_senders = (each.of_messages for each in narrowings if each.told_by != "message")
    return ["message_count > 0", *of_senders]


def _facts(filters: Filters) -> tuple[str, str, str]:
    """Return the counts by domain, the counts by sender, and the messages, in the zone's days."""
    if filters.timezone == "UTC":
        return _shared("days"), _shared("days_by_sender"), _shared("messages")
    return _shared("local_days"), *(_shared("local_messages"),) * 2


def _ranges(filters: Filters) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return the conditions of the range, of as many days before it, and of all days before it."""
    if filters.timezone == "UTC":
        return _OF_SCOPE, _BEFORE, _EARLIER
    return (*_NEAR, *_OF_SCOPE), (*_NEAR_BEFORE, *_BEFORE), (*_NEAR_EARLIER, *_EARLIER)


def _counted(smallest: str, conditions: list[str]) -> dict[str, str]:
    """Return the relation of what is counted; of parts of days, those that count are added up."""
    if smallest != _shared("local_days"):
        return {"counted": _where(smallest, conditions)}
    return {
        "counted": smallest.replace("local_day_parts", "counted_parts"),
        "counted_parts": _where("select * from local_day_parts", conditions),
    }


def _where(facts: str, conditions: Iterable[str]) -> str:
    return f"select *\nfrom (\n{indent(facts, '    ')}\n) as facts\nwhere " + "\n    and ".join(
        conditions
    )


def _client_counts(messages: str) -> str:
    """Return from how many addresses each sender sent, of one relation's messages."""
    return (
        "select sender_key, count(distinct client_ip) as client_ip_count\n"
        f"from {messages}\nwhere client_ip <> ''\ngroup by sender_key"
    )


def _choice(
    filters: Filters, by_sender: str, messages: str, asked: list[str], prefix: str = ""
) -> dict[str, str]:
    """Return the relation of senders that meet the conditions, and those it is made from."""
    having = sender_conditions.having(filters)
    clients = f"\nleft join {prefix}candidate_clients using (sender_key)"
    joined = clients if having.needs_clients else ""
    joined += "\nleft join ever_seen using (sender_key)" if having.needs_ever_seen else ""
    return {
        f"{prefix}candidates": _where(by_sender, asked),
        f"{prefix}candidate_messages": _where(messages, asked),
        f"{prefix}candidate_clients": _client_counts(f"{prefix}candidate_messages"),
        f"{prefix}chosen_senders": f"select sender_key\nfrom {prefix}candidates{joined}\n"
        "where message_count > 0\n"
        f"group by sender_key, sender_domain\nhaving {having.sql or 'true'}",
    }
