"""What a row cannot tell is no 0: figures of authentication, TLS versions and client addresses.

A sender whose authentication no row states did not use Basic auth 0 times: nobody knows how often.
Such figures are None, in a row of a sender, in totals and in usage of the whole period alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from smtpauth_kit.answers.scope import Scope
from smtpauth_kit.base.names import TLS_VERSIONS

if TYPE_CHECKING:
    import pandas as pd

UNKNOWN: Final = "unknown"
NEWEST: Final = "1.3"
"""The TLS version that Microsoft's report of SMTP AUTH clients does not know."""


def tls_columns(version: str) -> tuple[str, str]:
    """Return what the count and the share of a TLS version are called in a row of a sender.

    >>> tls_columns("1.0")
    ('tls_1_0_count', 'tls_1_0_share')
    """
    name = f"tls_{version.replace('.', '_')}"
    return f"{name}_count", f"{name}_share"


_KNOWN_TLS: Final = [
    column for version in TLS_VERSIONS if version != UNKNOWN for column in tls_columns(version)
]
_UNKNOWN_TLS: Final = tls_columns(UNKNOWN)[0]


def with_untold(rows: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Return rows of senders, or of their totals, with None for each figure they cannot tell.

    * Basic auth and OAuth, where no message of the row states either;
    * every TLS version and no TLS, where no message of the row states one;
    * no TLS, where a source never says so and some of the messages state no version: they may
      have gone without;
    * TLS 1.3, where some are counted by a report that has no column of it: they may stand in 1.2;
    * the number of client IP addresses, where no message names one.

    Examples
    --------
    >>> from smtpauth_kit.answers.senders import senders
    >>> scope = settle_scope(store)
    >>> with_untold(senders(store, scope), scope)["basic_count"].tolist()
    [2, 0]
    """
    count = rows["message_count"].fillna(0)
    tls_unknown = rows[_UNKNOWN_TLS].fillna(0)
    rows = _blank(
        rows, ["basic_count", "oauth_count"], rows["unknown_auth_count"].fillna(0) == count
    )
    rows = _blank(rows, _KNOWN_TLS, tls_unknown == count)
    if "none" in scope.untold:
        none = list(tls_columns("none"))
        rows = _blank(rows, none, (tls_unknown > 0) & ~(rows[none[0]].fillna(0) > 0))
    if NEWEST in scope.untold:
        newest = list(tls_columns(NEWEST))
        of_report = rows["report_count"].fillna(0) > 0
        rows = _blank(rows, newest, of_report & ~(rows[newest[0]].fillna(0) > 0))
    rows = rows.drop(columns="report_count")
    if "client_ip_count" in rows:
        rows = _blank(rows, ["client_ip_count"], rows["client_ip_count"] == 0)
    return rows


def usage_with_untold(rows: pd.DataFrame, scope: Scope, of_report: int = 0) -> pd.DataFrame:
    """Return the usage of TLS versions or protocols with None for what the source cannot tell.

    `rows` have the version or protocol, the count of messages or senders, and its share;
    `of_report` is how many of them a report tells of.
    """
    if rows.empty:
        return rows
    value, count = rows.iloc[:, 0], rows.iloc[:, 1]
    is_unknown, figures = value == UNKNOWN, list(map(str, rows.columns[1:]))
    if not count[~is_unknown].any():
        return _blank(rows, figures, ~is_unknown)
    if "none" in scope.untold and count[is_unknown].any():
        rows = _blank(rows, figures, (value == "none") & (count == 0))
    if NEWEST in scope.untold and of_report:
        rows = _blank(rows, figures, (value == NEWEST) & (count == 0))
    return rows


def _blank(rows: pd.DataFrame, columns: Iterable[str], where: pd.Series[Any]) -> pd.DataFrame:
    """Return rows with None in some cells; a column without any keeps its type."""
    if not where.any():
        return rows
    blanked: dict[str, Any] = {
        name: rows[name].astype(object).mask(where, None) for name in columns if name in rows
    }
    return rows.assign(**blanked)
