"""How many messages and senders used each TLS version and authentication protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smtpauth_kit.answers.scope import Scope, rows_of
from smtpauth_kit.answers.untold import usage_with_untold
from smtpauth_kit.base.names import AUTH_PROTOCOLS, TLS_VERSIONS
from smtpauth_kit.store.engine import Engine

if TYPE_CHECKING:
    import pandas as pd


def tls_usage(engine: Engine, scope: Scope) -> pd.DataFrame:
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
    rows = rows_of(engine, "tls_usage", scope)
    of_report = int(rows["report_count"].sum())
    return usage_with_untold(_usage(rows, TLS_VERSIONS), scope, of_report)


def auth_usage(engine: Engine, scope: Scope) -> pd.DataFrame:
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
    rows = rows_of(engine, "auth_usage", scope)
    return usage_with_untold(_usage(rows, AUTH_PROTOCOLS), scope)


def _usage(rows: pd.DataFrame, values_: tuple[str, ...]) -> pd.DataFrame:
    """Return every value of a split with its count and share; no row when there is no message."""
    import pandas as pd

    column = str(rows.columns[0])
    counts = dict(zip(rows[column], (int(n) for n in rows["message_count"]), strict=True))
    total = sum(counts.values())
    full = [(each, counts.get(each, 0), share_of(counts.get(each, 0), total)) for each in values_]
    return pd.DataFrame(full if total else [], columns=[column, "message_count", "share"])


def tls_by_day(engine: Engine, scope: Scope) -> pd.DataFrame:
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
    return rows_of(engine, "tls_by_day", scope)


def auth_by_day(engine: Engine, scope: Scope) -> pd.DataFrame:
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
    return rows_of(engine, "auth_by_day", scope)


def senders_by_tls(engine: Engine, scope: Scope) -> pd.DataFrame:
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
    import pandas as pd

    rows = rows_of(engine, "senders_by_tls", scope)
    counts = dict(zip(rows["tls_version"], (int(n) for n in rows["sender_count"]), strict=True))
    senders_ = int(rows["all_senders"].max()) if len(rows) else 0
    full = [(v, counts.get(v, 0), share_of(counts.get(v, 0), senders_)) for v in TLS_VERSIONS]
    columns = ["tls_version", "sender_count", "share"]
    of_report = int(rows["of_report"].max()) if len(rows) else 0
    used = pd.DataFrame(full if senders_ else [], columns=columns)
    return usage_with_untold(used, scope, of_report)


def share_of(count: int, total: int) -> float:
    """Return a count as a share of all, 0 to 1; 0 where there is nothing."""
    return count / total if total else 0.0
