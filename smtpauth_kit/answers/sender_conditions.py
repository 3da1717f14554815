"""Which senders: conditions on the columns of the answer `senders`, as SQL with bound values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

from smtpauth_kit.base.conditions import Clause, number
from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filter_fields import as_day
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.base.names import AUTH_PROTOCOLS, TLS_VERSIONS
from smtpauth_kit.values import addresses
from smtpauth_kit.values.cells import Unfit

Kind = Literal["text", "count", "share", "date"]


EVER_SEEN: Final = {"first_seen": "first_seen_ever", "last_seen": "last_seen_ever"}
"""What a condition on the first or last day seen is about: all days loaded, not only the range."""


class Figure(NamedTuple):
    """A column of the answer `senders`, and the same figure in SQL over the rows of one sender."""

    kind: Kind
    sql: str


def _count(column: str, value: str) -> str:
    return f"sum(case when {column} = '{value}' then message_count else 0 end)"


def _figures() -> dict[str, Figure]:
    figures = {
        "sender_address": Figure("text", "max(sender_address)"),
        "sender_domain": Figure("text", "sender_domain"),
        "message_count": Figure("count", "sum(message_count)"),
    }
    for version in TLS_VERSIONS:
        name, count = f"tls_{version.replace('.', '_')}", _count("tls_version", version)
        figures[f"{name}_count"] = Figure("count", count)
        figures[f"{name}_share"] = Figure(
            "share", f"cast({count} as double) / cast(sum(message_count) as double)"
        )
    for protocol in AUTH_PROTOCOLS:
        name = "unknown_auth_count" if protocol == "unknown" else f"{protocol}_count"
        figures[name] = Figure("count", _count("auth_protocol", protocol))
    return figures | {
        "first_seen": Figure("date", "max(first_seen_ever)"),
        "last_seen": Figure("date", "max(last_seen_ever)"),
        **{name: Figure("date", f"max({name})") for name in EVER_SEEN.values()},
        "client_ip_count": Figure("count", "coalesce(max(client_ip_count), 0)"),
    }


FIGURES: Final = _figures()
"""What a condition on senders can be about: the columns of the answer `senders`, in its order."""

_TEXT_OPERATORS: Final = {"starts-with": "starts_with", "contains": "contains"}


@dataclass(frozen=True)
class Having:
    """The condition a sender must meet; empty SQL: everyone."""

    sql: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    needs_clients: bool = False
    """It is about the clients' addresses, which only the messages themselves have."""
    needs_ever_seen: bool = False
    """It is about the first or last day seen, which may lie outside the range."""


def having(filters: Filters) -> Having:
    """Return what `min_messages` and `senders` of the filters ask, with the values beside it.

    Raises
    ------
    UsageError
        A condition is about no column of `senders`, or its value does not fit the column.

    Examples
    --------
    >>> asked = having(Filters(min_messages=10, senders=((Clause("oauth_count", "=", "0"),),)))
    >>> asked.params
    {'min_messages': 10, 'senders_1_1': 0}
    """
    params: dict[str, Any] = {}
    groups = []
    for n, group in enumerate(filters.senders, 1):
        for m, clause in enumerate(group, 1):
            params[f"senders_{n}_{m}"] = _value(clause)
        conditions = [_sql(clause, f"$senders_{n}_{m}") for m, clause in enumerate(group, 1)]
        groups.append(" and ".join(conditions) or "true")
    parts = ["(" + "\n        or ".join(groups) + ")"] if groups else []
    if filters.min_messages > 0:
        params = {"min_messages": filters.min_messages, **params}
        parts.insert(0, "sum(message_count) >= $min_messages")
    about = {clause.field for group in filters.senders for clause in group}
    ever = bool(about & {*EVER_SEEN, *EVER_SEEN.values()})
    return Having("\n    and ".join(parts), params, "client_ip_count" in about, ever)


def address_key(address: str) -> str:
    """Return the form in which an address is compared; what can be no address matches nothing.

    Examples
    --------
    >>> address_key("Scanner@BÜCHER.example")
    'scanner@xn--bcher-kva.example'
    """
    try:
        return addresses.account(address).key
    except Unfit:
        return address


def _whole_number(clause: Clause) -> int:
    """Return the count to compare with; what a Dutch reader writes as 1.000 must not be 1."""
    text = clause.value.strip()
    if not re.fullmatch("[0-9]{1,18}", text):
        raise UsageError(
            "The column {column} holds whole numbers, and {text} is none.",
            column=repr(clause.field),
            text=repr(clause.value),
        )
    return int(text)


def _figure(clause: Clause) -> Figure:
    if clause.field not in FIGURES:
        raise UsageError(
            "Senders have no column {column}. Their columns: {columns}.",
            column=repr(clause.field),
            columns=list(FIGURES),
        )
    return FIGURES[clause.field]


def _sql(clause: Clause, value: str) -> str:
    kind, figure = _figure(clause)
    if clause.operator in _TEXT_OPERATORS:
        text = f"lower({figure})" if kind == "text" else f"cast({figure} as string)"
        return f"{_TEXT_OPERATORS[clause.operator]}({text}, lower({value}))"
    if kind == "text" and clause.operator in ("=", "!="):
        figure = "sender_key" if clause.field == "sender_address" else "sender_domain"
    elif kind == "text":
        figure, value = f"lower({figure})", f"lower({value})"
    return f"{figure} {clause.operator} {value}"


def _value(clause: Clause) -> Any:
    """Return what a condition compares with, as the column's kind has it."""
    kind = _figure(clause).kind
    if clause.operator in _TEXT_OPERATORS:
        if kind in ("count", "share"):
            raise UsageError(
                "The column {column} holds numbers: {operator} is for text. Use = != > >= < <=.",
                column=repr(clause.field),
                operator=clause.operator,
            )
        return clause.value
    if kind == "share":
        return number(clause)
    if kind == "count":
        return _whole_number(clause)
    if kind == "date":
        return as_day(clause.value.strip())
    if clause.operator in ("=", "!="):
        key = address_key if clause.field == "sender_address" else addresses.domain_key
        return key(clause.value)
    return clause.value
