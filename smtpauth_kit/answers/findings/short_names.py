"""Names as numbers: what stands in many rows of a session's tables, as a type of its own.

An enum of DuckDB is joined, grouped and ordered as its number, and reads as its text: a statement
is the same over either. Rows of it take a fraction of the room and of the time that texts take.
"""

from __future__ import annotations

import re
from typing import Final

_FOUND_IN: Final = {
    "tenant": ("select tenant from source_files",),
    "account": ("select address_key from addresses", "select account_key from {attempts}"),
    "client_address": ("select client_ip from {places}", "select client_ip from {attempts}"),
}
"""Where the names of each type stand: there, no name is lacking."""

_TYPE_OF: Final = {
    "tenant": "tenant",
    "sender_key": "account",
    "account_key": "account",
    "client_ip": "client_address",
}


def _type(name: str, *places: str) -> tuple[str, ...]:
    """Return the statements that make a type of all names of some places."""
    return (
        f"drop type if exists {name}",
        f"create temp type {name} as enum (select name from "
        f"(select '' as name union {' union '.join(places)}) as found "
        "where name is not null order by name)",
    )


def _names(name: str) -> tuple[str, ...]:
    """Return the statements that make the table of a type's names, each with its number."""
    return (
        f"drop table if exists {name}_names",
        f"create temp table {name}_names as select name, cast(name as {name}) as short "
        f"from (select unnest(enum_range(null::{name}))::text as name) as every_name",
    )


def statements(has_spans: bool) -> tuple[str, ...]:
    """Return what makes the types, and a table of the names of each, in a session.

    A name is looked up there, which takes a third of the time of casting it. `has_spans`: the store
    keeps what its days add up to, where every name stands in few rows.

    >>> statements(True)[1].count("span_by_")
    0
    """
    where = (
        {"places": "span_by_place", "attempts": "span_by_attempt"}
        if has_spans
        else {"places": "daily_by_place", "attempts": "sign_in_rows"}
    )
    found = {name: [each.format(**where) for each in of] for name, of in _FOUND_IN.items()}
    return (
        *(text for name, of in found.items() for text in (*_type(name, *of), *_names(name))),
        "create or replace temp table address_names as select a.address_id, n.short "
        "from addresses a join account_names n on n.name = a.address_key",
    )


AFTERWARDS: Final = {
    "networks": (
        *_type("network_name", "select network from networks"),
        "alter table networks alter network set data type network_name",
    ),
    "address_countries": (
        *_type("country_name", "select country from address_countries"),
        "alter table address_countries alter country set data type country_name",
        # Nothing came from an address that has no number. (To alter the column takes ten times as
        # long.)
        "create or replace temp table address_countries as select n.short as client_ip, c.country "
        "from address_countries c join client_address_names n on n.name = c.client_ip",
    ),
}
"""By a relation that is found out first, the statements that make its names numbers then."""


def shortened(text: str) -> str:
    r"""Return a SELECT of named columns with those that are names as numbers.

    >>> print(shortened("select sender_key, message_count\nfrom daily_by_sender\nwhere true"))
    select n0.short as sender_key, told.message_count
    from (
    select sender_key, message_count
    from daily_by_sender
    where true
    ) as told
    left join account_names n0 on n0.name = told.sender_key
    """
    columns = re.split(r",\s+", text.removeprefix("select ").partition("\nfrom ")[0])
    names = {column: f"n{place}" for place, column in enumerate(columns) if column in _TYPE_OF}
    told = ", ".join(
        f"{names[column]}.short as {column}" if column in names else f"told.{column}"
        for column in columns
    )
    joins = "".join(
        f"\nleft join {_TYPE_OF[column]}_names {name} on {name}.name = told.{column}"
        for column, name in names.items()
    )
    return f"select {told}\nfrom (\n{text}\n) as told{joins}"


MESSAGES: Final = """
select t.short as tenant, s.short as sender_key,
    case when a.short = '' then s.short else a.short end as account_key, m.sent_at,
    m.period_start as day, m.client_ip, m.recipient_count, m.message_count
from counting_messages m
join address_names s on s.address_id = m.sender_id
join address_names a on a.address_id = m.account_id
join tenant_names t on t.name = m.tenant
where m.sent_at is not null and m.period_start = m.period_end and m.message_count > 0
""".strip()
"""The relation `seen_messages` by the numbers that messages have for their addresses: those of few
senders are then found among many millions without a look at a text."""

SIGN_INS: Final = """
select t.short as tenant, a.short as account_key, s.signed_in_at,
    cast(date_diff('day', date '1970-01-01', cast(s.signed_in_at as date)) as int) as day_number,
    s.result, s.error_code, c.short as client_ip, n.network, s.user_agent
from counting_sign_ins s
join account_names a on a.name = s.account_key
join tenant_names t on t.name = s.tenant
join client_address_names c on c.name = s.client_ip
left join networks n on n.client_ip = c.short
where s.account_key <> ''
""".strip()
"""The relation `seen_sign_ins`, of which a rule reads those of few accounts."""
