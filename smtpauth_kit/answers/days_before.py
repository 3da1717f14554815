"""What is new, gone or changed in the range, against the days before it.

Only where every day of the range, and of as many days before, is loaded from the same sources: else
it cannot be told, which is not the same as nobody. Each answer ends with the column source, where
its figures come from: under source auto one that has the days before.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from smtpauth_kit.answers.choosing import NEARLY
from smtpauth_kit.answers.covered_days import loaded_days
from smtpauth_kit.answers.scope import Scope, plain_rows_of
from smtpauth_kit.answers.settling import settle_scope
from smtpauth_kit.answers.tabled import tabled
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.store.rows import Rows

if TYPE_CHECKING:
    import pandas as pd

_DAY: Final = dt.timedelta(days=1)

COMPARED: Final = ("new-senders", "gone-senders", "changed-senders", "sender-changes")
"""Answers that compare the range with the days before; see :func:`is_told`."""


@tabled
def new_senders(engine: Engine, scope: Scope) -> Rows:
    """Return the senders whose first day ever loaded, from any source, lies in the range.

    Returns
    -------
    DataFrame
        One row per sender, busiest first: sender_address (as it came), sender_domain (lower case,
        IDNA), message_count, basic_count, oauth_count, legacy_tls_count (1.0 and 1.1),
        none_tls_count (int64; None where no message of it tells), first_seen, last_seen (dates).
        Empty when nobody is new; without columns when that cannot be told (:func:`is_told`).

    Examples
    --------
    >>> weekend = Filters(start=dt.date(2026, 11, 20), end=dt.date(2026, 11, 22))
    >>> new_senders(store, settle_scope(store, weekend)).sender_address.tolist()
    ['app@fabrikam.com']
    """
    return _compared(engine, "new_senders", scope)


@tabled
def gone_senders(engine: Engine, scope: Scope) -> Rows:
    """Return the senders that sent before the range and of which nothing is loaded in it.

    Returns
    -------
    DataFrame
        One row per sender, the one that usually sends most first: sender_address, sender_domain,
        first_seen, last_seen (dates), message_count (int64, of all days loaded before the range),
        period_count (the days, or periods of a report, on which it sent), usual_count (float,
        messages on such a day). Empty when nobody is gone; without columns when that cannot be
        told.

    Examples
    --------
    >>> weekend = Filters(start=dt.date(2026, 11, 20), end=dt.date(2026, 11, 22))
    >>> gone = gone_senders(store, settle_scope(store, weekend))
    >>> gone[["sender_address", "message_count"]].values.tolist()
    [['scanner@contoso.com', 2]]
    """
    return _compared(engine, "gone_senders", scope)


@tabled
def changed_senders(engine: Engine, scope: Scope) -> Rows:
    """Return the senders that sent otherwise in as many days before the range.

    A sender that sent in both has changed its

    * **volume**, where it is at least twice or half as many messages, and 10 or more apart;
    * **tls**, where it began or ceased to use none, 1.0 or 1.1, or a fifth of its messages moved
      to other versions;
    * **authentication**, where it began or ceased to use Basic auth or OAuth, or a fifth of its
      messages moved from one to the other.

    Messages of which TLS or authentication is unknown are left out of those two.

    Returns
    -------
    DataFrame
        One row per sender, busiest first: sender_address, sender_domain; message_count,
        basic_count, oauth_count, legacy_tls_count (1.0 and 1.1), none_tls_count, each with one
        `_before` in front of it (int64; None where no message of it tells); change (a list of
        "tls", "authentication", "volume"). Empty when nobody has changed; without columns when
        that cannot be told.

    Examples
    --------
    >>> weekend = Filters(start=dt.date(2026, 11, 20), end=dt.date(2026, 11, 22))
    >>> len(changed_senders(store, settle_scope(store, weekend)))
    0
    """
    return _listed(_compared(engine, "changed_senders", scope))


@tabled
def sender_changes(engine: Engine, scope: Scope) -> Rows:
    """Return the new, the gone and the changed senders together.

    Returns
    -------
    DataFrame
        One row per sender: kind ("new", "gone", "changed", in this order), sender_address,
        sender_domain, first_seen, last_seen (dates: of a new or changed one in the range, of one
        that is gone before it), message_count_before (in as many days before the range),
        message_count (in it; both int64), change (a list, as of :func:`changed_senders`). Empty
        when nothing is otherwise; without columns when that cannot be told.

    Examples
    --------
    >>> weekend = Filters(start=dt.date(2026, 11, 20), end=dt.date(2026, 11, 22))
    >>> sender_changes(store, settle_scope(store, weekend))["kind"].tolist()
    ['new', 'gone']
    """
    return _listed(_compared(engine, "sender_changes", scope))


def is_told(rows: pd.DataFrame | Rows) -> bool:
    """Tell whether a comparison could be made: else the days before, or these, are not all loaded.

    >>> is_told(new_senders(store, settle_scope(store)))
    False
    """
    return len(rows.columns) > 0


def comparable(engine: Engine, scope: Scope) -> Scope | None:
    """Return a scope of the same days in which the days before are loaded too; None: none is.

    It is the scope itself where that will do. Where nobody chose its source it may be one of
    another source, which counts nearly as much and has the days before.
    """
    if is_comparable(engine, scope):
        return scope
    if scope.filters.source != "auto" or not scope.offers:
        return None
    most = max(offer.message_count for offer in scope.offers)
    dates = {"start": scope.start, "end": scope.end, "as_of": None}
    # Days rather than periods of a report: who is gone since Monday shows in days alone.
    for offer in sorted(scope.offers, key=lambda offer: offer.source == "report"):
        if offer.message_count >= NEARLY * most:
            other = settle_scope(engine, scope.filters.changed(source=offer.source, **dates))
            if is_comparable(engine, other):
                return replace(other, filters=scope.filters)
    return None


def is_comparable(engine: Engine, scope: Scope) -> bool:
    """Tell whether the range and as many days before are all loaded, of the same sources."""
    if scope.accounts_from == "sign_ins" or not scope.sources:
        return False
    earlier = replace(
        scope, start=scope.before_start, end=scope.before_end, counted=scope.counted_before
    )
    return are_whole(engine, earlier, scope)


def _compared(engine: Engine, name: str, scope: Scope) -> Rows:
    compared = comparable(engine, scope)
    if compared is None:
        return Rows((), ())
    rows = plain_rows_of(engine, name, compared)
    return rows.with_column("source", [compared.source] * len(rows))


def _listed(rows: Rows) -> Rows:
    if not is_told(rows):
        return rows
    changes = [said.split(", ") if said else [] for said in rows["change"]]
    return rows.with_column("change", changes)


def are_whole(engine: Engine, earlier: Scope, scope: Scope) -> bool:
    """Tell whether every day of two ranges is loaded, for each tenant that has any of them."""
    assert earlier.start is not None and scope.end is not None
    zone = "UTC" if scope.source == "report" else scope.filters.timezone
    wanted = _utc_days(earlier.start, scope.end, zone)
    loaded: dict[str, set[dt.date]] = {}
    # Days on which nobody sent anything have no source of their own: they are the range's.
    sources = earlier.sources or scope.sources
    of_sign_ins = earlier.sign_in_sources or scope.sign_in_sources
    before = replace(earlier, sources=sources, sign_in_sources=of_sign_ins)
    for each in (before, scope):
        for tenant, days in loaded_days(engine, each).items():
            loaded.setdefault(tenant, set()).update(days & wanted)
    return any(loaded.values()) and all(days == wanted for days in loaded.values() if days)


def _utc_days(start: dt.date, end: dt.date, timezone: str) -> set[dt.date]:
    """Return the days of UTC that the days of a zone lie in, both ends included.

    >>> day = dt.date(2026, 11, 15)
    >>> [sorted(each.day for each in _utc_days(day, day, zone))
    ...  for zone in ("UTC", "Europe/Amsterdam", "America/New_York")]
    [[15], [14, 15], [15, 16]]
    """
    first, last = _utc_day(start, dt.time.min, timezone), _utc_day(end, dt.time.max, timezone)
    return {first + n * _DAY for n in range((last - first).days + 1)}


def _utc_day(day: dt.date, at: dt.time, timezone: str) -> dt.date:
    try:
        return dt.datetime.combine(day, at, ZoneInfo(timezone)).astimezone(dt.UTC).date()
    except OverflowError:  # The first or the last day that there is.
        return day
