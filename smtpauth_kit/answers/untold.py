"""What a row cannot tell is no 0: figures of authentication, TLS versions and client addresses.

A sender whose authentication no row states did not use Basic auth 0 times: nobody knows how often.
Such figures are None, in a row of a sender, in totals and in usage of the whole period alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from smtpauth_kit.answers.scope import Scope
from smtpauth_kit.base.names import TLS_VERSIONS
from smtpauth_kit.store.rows import Rows

if TYPE_CHECKING:
    import pandas as pd

UNKNOWN: Final = "unknown"


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
    * no TLS, where the source never says so and some of the messages state no version: they may
      have gone without;
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
    if "client_ip_count" in rows:
        rows = _blank(rows, ["client_ip_count"], rows["client_ip_count"] == 0)
    return rows


def plain_with_untold(rows: Rows, scope: Scope) -> Rows:
    """Return the same of plain rows.

    Examples
    --------
    >>> from smtpauth_kit.answers.senders import senders
    >>> senders.plain(store, settle_scope(store))["basic_count"]
    [2, 0]
    """
    return rows.blanked(_untold_of(row, scope) for row in rows.records())


def _untold_of(row: Mapping[str, Any], scope: Scope) -> set[str]:
    """Return the figures that a row of a sender cannot tell."""
    count, unknown = row["message_count"] or 0, row[_UNKNOWN_TLS] or 0
    untold: set[str] = set()
    if (row["unknown_auth_count"] or 0) == count:
        untold |= {"basic_count", "oauth_count"}
    if unknown == count:
        untold.update(_KNOWN_TLS)
    if "none" in scope.untold and unknown and not row[tls_columns("none")[0]]:
        untold.update(tls_columns("none"))
    if row.get("client_ip_count") == 0:
        untold.add("client_ip_count")
    return untold


def usage_with_untold(rows: Rows, scope: Scope) -> Rows:
    """Return the usage of TLS versions or protocols with None for what the source cannot tell.

    `rows` have the version or protocol, the count of messages or senders, and its share.
    """
    figures, nothing = rows.columns[1:], ()
    unknown = sum(count for value, count, _ in rows if value == UNKNOWN)
    if not any(count for value, count, _ in rows if value != UNKNOWN):
        return rows.blanked(figures if value != UNKNOWN else nothing for value, *_ in rows)
    if "none" in scope.untold and unknown:
        return rows.blanked(
            figures if value == "none" and not count else nothing for value, count, _ in rows
        )
    return rows


def _blank(rows: pd.DataFrame, columns: Iterable[str], where: pd.Series[Any]) -> pd.DataFrame:
    """Return rows with None in some cells; a column without any keeps its type."""
    if not where.any():
        return rows
    blanked: dict[str, Any] = {
        name: rows[name].astype(object).mask(where, None) for name in columns if name in rows
    }
    return rows.assign(**blanked)
