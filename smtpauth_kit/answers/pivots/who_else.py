"""Who else: the accounts that share an address, a network or a country, or the places of one."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from ipaddress import ip_network
from typing import Any, Final

from smtpauth_kit.answers.composing import parted, used
from smtpauth_kit.answers.counting import of_sources
from smtpauth_kit.answers.findings.inputs import Inputs
from smtpauth_kit.answers.pulled import check_held
from smtpauth_kit.answers.scope import Scope
from smtpauth_kit.answers.sender_conditions import address_key
from smtpauth_kit.answers.tabled import tabled
from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filters import Filters, fields_about
from smtpauth_kit.store.database import sql_text
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.store.rows import Rows
from smtpauth_kit.values import addresses

_FOLDER: Final = "answers/pivots"
_FIRST_DAY: Final = dt.date(1970, 1, 1)
_LISTS: Final = ("senders", "client_ips", "networks", "countries")


@tabled
def who_else(engine: Engine, scope: Scope) -> Rows:
    """Tell which accounts used what the filters name: client IPs, networks, countries, accounts.

    Of several that are named of one kind one is enough, and all kinds must hold. Of an account the
    others are told that used, or failed at, a client IP which it was used from.

    Returns
    -------
    DataFrame
        One row per account and tenant, those who got in or sent there first, the latest first:
        account (lower case), senders (From addresses it used there), client_ips, networks (ASN, or
        a /16 or /48 where none is told), countries (sorted lists), used_day_count, message_count,
        success_count and failure_count of sign-ins (int64), first_seen, last_seen (UTC; failures
        too), tenant. Only what has a time and a client IP counts; days are of UTC.

    Raises
    ------
    UsageError
        Nothing is named.

    Examples
    --------
    >>> from smtpauth_kit.answers import ask
    >>> found = ask(store, "who-else", Filters(client_ips=("192.0.2.25",))).rows
    >>> found[["account", "message_count"]].values.tolist()
    [['scanner@contoso.com', 2]]
    """
    filters = scope.filters
    rows = engine.rows(*who_else_statement(engine, scope))
    for column in _LISTS:
        texts = [list(each) if isinstance(each, list) else [] for each in rows[column]]
        rows = rows.with_column(column, texts)
    if not filters.sender and not filters.domains:
        return rows
    return rows.kept(_is_asked(row, filters) for row in rows.records())


def who_else_statement(engine: Engine, scope: Scope) -> tuple[str, dict[str, Any]]:
    """Return the complete SQL and its parameters, over what counts in the source asked for."""
    source, params = scope.filters.source, _params(scope)
    check_held(engine, "who-else")
    counts = of_sources(engine, source) if source != "auto" else None
    inputs = Inputs(engine, counts)
    by = "spans" if _is_about_all_days(engine, inputs, params) else "days"
    inputs.relations["used_places"] = _select(f"places_of_{by}")
    inputs.relations["named_places"] = _select(f"names_of_{by}")
    inputs.narrow(_select("asked_addresses"))
    return used(inputs.complete(sql_text("who_else", _FOLDER)), params)


def _select(name: str) -> str:
    return parted(sql_text(name, _FOLDER))[1]


def _is_about_all_days(engine: Engine, inputs: Inputs, params: dict[str, Any]) -> bool:
    """Tell whether the range has all days that the store has added up: few rows tell of them."""
    if not inputs.has_spans:
        return False
    row = engine.rows(inputs.complete(sql_text("days_of_spans", _FOLDER))).first()
    first, last = row["first_number"], row["last_number"]
    return first is not None and params["first_number"] <= first and last <= params["last_number"]


def _params(scope: Scope) -> dict[str, Any]:
    filters = scope.filters
    if not any(getattr(filters, each.name) for each in fields_about("places")):
        raise UsageError(
            "Who else used what? Name it with {options}.",
            options=[each.option for each in fields_about("places")],
        )
    start, end = scope.start or dt.date.max, scope.end or dt.date.min
    return {
        "first_number": (start - _FIRST_DAY).days,
        "last_number": (end - _FIRST_DAY).days,
        "client_ips": [addresses.client_ip(each) or each for each in filters.client_ips],
        "networks": [_network(each) for each in filters.networks],
        "countries": [each.strip().upper() for each in filters.countries],
        "accounts": [address_key(each) for each in filters.accounts],
        "any_client_ip": not filters.client_ips,
        "any_network": not filters.networks,
        "any_country": not filters.countries,
        "any_account": not filters.accounts,
    }


def _network(text: str) -> str:
    """Return a network as it is compared: `AS64496` also where it is written as 64496.

    >>> _network("64496"), _network("as64496"), _network("192.0.0.0/16")
    ('AS64496', 'AS64496', '192.0.0.0/16')
    >>> _network("2001:DB8:0:0::/48")
    '2001:db8::/48'
    """
    plain = text.strip()
    if plain.isascii() and plain.isdigit():
        return f"AS{plain}"
    with suppress(ValueError):
        return str(ip_network(plain, strict=False))
    return plain.upper() if plain[:2].lower() == "as" else plain


def _is_asked(row: dict[Any, Any], filters: Filters) -> bool:
    """Tell whether an account, or an address that it sent as, is one of the senders asked for."""
    names = {row["account"], *row["senders"]}
    wanted = {addresses.domain_key(domain) for domain in filters.domains}
    if wanted and not wanted & {name.rpartition("@")[2] for name in names}:
        return False
    return not filters.sender or address_key(filters.sender) in names
