"""Tables of knowledge as relations that a rule's SQL reads by their names."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from smtpauth_kit.answers.findings.knowledge.addresses import address_files, look_up
from smtpauth_kit.answers.findings.knowledge.tables import TABLES, Cell, rows, text_of
from smtpauth_kit.store.database import literal
from smtpauth_kit.store.engine import Engine

_NAMES: Final = {
    "countries": "known_countries",
    "legacy_user_agents": "known_user_agents",
    "service_limits": "service_limits",
    "sign_in_errors": "known_sign_in_errors",
}

_UNKNOWN_ADDRESSES: Final = (
    "select distinct client_ip from (\n"
    "    select client_ip from submissions union all select client_ip from sign_ins\n"
    ") as seen\nwhere client_ip <> ''"
)


def relations(engine: Engine) -> Mapping[str, str]:
    """Return the SELECT of each relation, by its name.

    known_countries, known_user_agents, known_sign_in_errors and service_limits have the columns of
    their tables; known_addresses has client_ip, country and network, out of the user's own files.

    Raises
    ------
    KitError
        A table or file of the user's does not fit.
    """
    known = {
        relation: _select([column.name for column in TABLES[name]], rows(name))
        for name, relation in _NAMES.items()
    }
    return {**known, "known_addresses": _addresses(engine)}


def _addresses(engine: Engine) -> str:
    names = ("client_ip", "country", "network")
    if not address_files():
        return _select(names, [])
    seen = engine.rows(_UNKNOWN_ADDRESSES)["client_ip"]
    return _select(names, look_up(seen))


def _select(names: Sequence[str], found: Iterable[Sequence[Cell]]) -> str:
    r"""Return a SELECT of rows.

    Examples
    --------
    >>> print(_select(["country", "latitude"], [("NL", 52.26)]))
    select * from (values ('NL', 52.26)) as known (country, latitude)
    >>> print(_select(["country"], []))
    select '' as country where false
    """
    values = [f"({', '.join(_written(cell) for cell in row)})" for row in found]
    if not values:
        nothing = ", ".join(f"'' as {name}" for name in names)
        return f"select {nothing} where false"
    return f"select * from (values {', '.join(values)}) as known ({', '.join(names)})"


def _written(cell: Cell) -> str:
    return literal(cell) if isinstance(cell, str) else repr(cell)


def fingerprint() -> str:
    """Return a text that is another when a table of knowledge is: findings are then judged anew.

    Examples
    --------
    >>> fingerprint() == fingerprint(), len(fingerprint())
    (True, 16)
    """
    files = [(str(path), path.stat().st_mtime_ns) for path in address_files() if path.is_file()]
    told = json.dumps([{name: text_of(name) for name in TABLES}, files])
    return hashlib.sha256(told.encode("utf-8")).hexdigest()[:16]
