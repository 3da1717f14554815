"""How many messages and senders used each TLS version and authentication protocol."""

from __future__ import annotations

from collections.abc import Mapping

from smtpauth_kit.answers.scope import Scope, plain_rows_of
from smtpauth_kit.answers.tabled import OfStatement, asked, tabled
from smtpauth_kit.answers.untold import usage_with_untold
from smtpauth_kit.base.names import AUTH_PROTOCOLS, TLS_VERSIONS
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.store.rows import Rows


@tabled
def tls_usage(engine: Engine, scope: Scope) -> Rows:
    """Messages and share of each TLS version over the whole period.

    Returns
    -------
    DataFrame
        tls_version (in the order of `names.TLS_VERSIONS`, all six), message_count (int64),
        share (float, sums to 1); both None for what the source cannot tell. Empty when nothing
        matches.

    Examples
    --------
    >>> usage = tls_usage(store, settle_scope(store))
    >>> usage[usage.message_count > 0].values.tolist()
    [['1.0', 2, 0.6666666666666666], ['1.2', 1, 0.3333333333333333]]
    """
    rows = plain_rows_of(engine, "tls_usage", scope)
    of_report = sum(map(int, rows["report_count"]))
    return usage_with_untold(_usage(rows, TLS_VERSIONS), scope, of_report)


@tabled
def auth_usage(engine: Engine, scope: Scope) -> Rows:
    """Messages and share of each authentication protocol over the whole period.

    Returns
    -------
    DataFrame
        auth_protocol (in the order of `names.AUTH_PROTOCOLS`, all three), message_count (int64),
        share (float, sums to 1); both None for what the source cannot tell. Empty when nothing
        matches.

    Examples
    --------
    >>> auth_usage(store, settle_scope(store)).message_count.tolist()
    [2, 1, 0]
    """
    rows = plain_rows_of(engine, "auth_usage", scope)
    return usage_with_untold(_usage(rows, AUTH_PROTOCOLS), scope)


def _usage(rows: Rows, values_: tuple[str, ...]) -> Rows:
    """Return every value of a split with its count and share; no row when there is no message."""
    value = rows.columns[0]
    counts = dict(zip(rows[value], map(int, rows["message_count"]), strict=True))
    return _full(counts, sum(counts.values()), values_, (value, "message_count", "share"))


def _full(
    counts: Mapping[str, int], total: int, values_: tuple[str, ...], columns: tuple[str, str, str]
) -> Rows:
    full = [(each, counts.get(each, 0), share_of(counts.get(each, 0), total)) for each in values_]
    return Rows(columns, full if total else [], ("VARCHAR", "BIGINT", "DOUBLE"))


@tabled
def tls_by_day(engine: Engine, scope: Scope) -> OfStatement:
    """Messages per day, or per period of a report, and TLS version.

    Returns
    -------
    DataFrame
        period_start, period_end (dates, both included), tls_version, message_count (int64, at
        least 1); by period. A count for several days is never spread over them.

    Examples
    --------
    >>> tls_by_day(store, settle_scope(store))[["tls_version", "message_count"]].values.tolist()
    [['1.0', 2], ['1.2', 1]]
    """
    return asked(engine, "tls_by_day", scope)


@tabled
def auth_by_day(engine: Engine, scope: Scope) -> OfStatement:
    """Messages per day, or per period of a report, and authentication protocol.

    Returns
    -------
    DataFrame
        As :func:`tls_by_day`, with auth_protocol for tls_version.

    Examples
    --------
    >>> auth_by_day(store, settle_scope(store))[["auth_protocol", "message_count"]].values.tolist()
    [['basic', 2], ['oauth', 1]]
    """
    return asked(engine, "auth_by_day", scope)


@tabled
def senders_by_tls(engine: Engine, scope: Scope) -> Rows:
    """How many senders used each TLS version; one that used two counts for both.

    Returns
    -------
    DataFrame
        tls_version (in the order of `names.TLS_VERSIONS`, all six), sender_count (int64), share
        (float, of all senders: the six add up to more than 1 where a sender used several); both
        None for what the source cannot tell. Empty when nothing matches.

    Examples
    --------
    >>> used = senders_by_tls(store, settle_scope(store))
    >>> used[used.sender_count > 0].values.tolist()
    [['1.0', 1, 0.5], ['1.2', 1, 0.5]]
    """
    rows = plain_rows_of(engine, "senders_by_tls", scope)
    counts = {row.tls_version: int(row.sender_count) for row in rows.named()}
    total = max(map(int, rows["all_senders"]), default=0)
    of_report = max(map(int, rows["of_report"]), default=0)
    full = _full(counts, total, TLS_VERSIONS, ("tls_version", "sender_count", "share"))
    return usage_with_untold(full, scope, of_report)


def share_of(count: int, total: int) -> float:
    """Return a count as a share of all, 0 to 1; 0 where there is nothing."""
    return count / total if total else 0.0
