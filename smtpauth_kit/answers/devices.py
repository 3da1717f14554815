"""The devices behind one address: where they are, what they speak, at which hours they send."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from smtpauth_kit.answers.coverage import told_by
from smtpauth_kit.answers.pulled import check_held
from smtpauth_kit.answers.scope import Scope, plain_rows_of
from smtpauth_kit.answers.settling import settle_scope
from smtpauth_kit.answers.tabled import tabled
from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.filters import Filters
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.store.rows import Rows


@tabled
def devices(engine: Engine, scope: Scope) -> Rows:
    """Tell the devices that send as the one sender of `scope.filters.sender` apart.

    What shares a client IP, a TLS version and a cipher is taken for one device: two behind one
    address are told apart by what they speak, one that moves to another address is two.

    Returns
    -------
    DataFrame
        One row per device, the busiest first: client_ip, tls_version, tls_cipher (empty where the
        source does not say), auth_protocols (sorted list), user_agents, countries, networks (sorted
        lists: what sign-ins of the sender's accounts from that address name), hours (sorted list of
        the hours 0 to 23 of the zone in which it sent; empty where no message tells its time),
        message_count, day_count (days on which it sent; None where a report counts several days at
        once), first_seen, last_seen (dates). Messages whose source tells no client IP are one row
        with an empty one.

    Raises
    ------
    UsageError
        The filters name no sender.

    Examples
    --------
    >>> found = devices(store, devices_scope(store, Filters(sender="scanner@contoso.com")))
    >>> found[["client_ip", "tls_version", "hours", "message_count"]].values.tolist()
    [['192.0.2.25', '1.0', [8, 9], 2]]
    """
    if not scope.filters.sender:
        raise UsageError("Which sender? Name it with --sender ADDRESS.")
    check_held(engine, "devices", scope.filters.sender)
    rows = plain_rows_of(engine, "devices", scope)
    for column in ("user_agents", "countries", "networks", "hours"):
        make: Callable[[Any], Any] = int if column == "hours" else str
        told = [list(map(make, each)) if isinstance(each, list) else [] for each in rows[column]]
        rows = rows.with_column(column, told)
    return rows


def devices_scope(engine: Engine, filters: Filters) -> Scope:
    """Return the scope of a sender's devices: every day loaded, of a source that tells clients.

    Days and a source that are asked for are kept. Where the source that counts tells no client IP
    and others do, it is the one of them with most messages.
    """
    return telling_scope(engine, filters, "client_ip")


def telling_scope(
    engine: Engine, filters: Filters, what: Literal["client_ip", "recipients"]
) -> Scope:
    """Return the scope of every day loaded, of a source that tells `what`; as `devices_scope`."""
    scope, told = _of_days(engine, filters), told_by(engine)
    telling = {pair for pair, each in told.items() if getattr(each, what)}
    if filters.source != "auto" or telling & set(scope.sources):
        return scope
    offers = [each for each in scope.offers if each.source in {source for _, source in telling}]
    if not offers:
        return scope
    best = max(offers, key=lambda each: each.message_count)
    return _of_days(engine, filters.changed(source=best.source))


def _of_days(engine: Engine, filters: Filters) -> Scope:
    scope = settle_scope(engine, filters)
    if any((filters.start, filters.end, filters.as_of)) or scope.oldest is None:
        return scope
    # The sources that count most over all days: those of the last 7 days may be others.
    return settle_scope(engine, filters.changed(start=scope.oldest, end=scope.newest))
