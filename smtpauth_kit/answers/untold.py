"""What a row cannot tell is no 0: figures of authentication, TLS versions and client addresses.

A sender whose authentication no row states did not use Basic auth 0 times: nobody knows how often.
Such figures are None, in a row of a sender, in totals and in usage of the whole period alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from smtpauth_kit.answers.scope import Scope
from smtpauth_kit.base.names import TLS_VERSIONS
from smtpauth_kit.store.rows import Rows

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
_OF_REPORT: Final = "report_count"
_CLIENT_IPS: Final = "client_ip_count"
_TELLING: Final = (
    "message_count", "unknown_auth_count", _UNKNOWN_TLS, tls_columns("none")[0],
    tls_columns(NEWEST)[0], _OF_REPORT, _CLIENT_IPS,
)  # fmt: skip
"""The columns by which a row shows what it cannot tell."""


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
    >>> senders(store, settle_scope(store))["basic_count"].tolist()
    [2, 0]
    """
    import pandas as pd

    told_by = {str(name): pd.to_numeric(rows[name]) for name in rows if name in _TELLING}
    cells = {name: figures.fillna(0).tolist() for name, figures in told_by.items()}
    told = rows.drop(columns=_OF_REPORT)
    for figures, is_untold in _untold(cells, scope):
        told = _blank(told, figures, is_untold)
    return told


def plain_with_untold(rows: Rows, scope: Scope) -> Rows:
    """Return the same of plain rows.

    Examples
    --------
    >>> from smtpauth_kit.answers.senders import senders
    >>> senders.plain(store, settle_scope(store))["basic_count"]
    [2, 0]
    """
    cells = {name: [n or 0 for n in rows[name]] for name in rows.columns if name in _TELLING}
    told = rows.in_order([name for name in rows.columns if name != _OF_REPORT])
    for figures, is_untold in _untold(cells, scope):
        told = told.blanked(figures if each else () for each in is_untold)
    return told


def _untold(
    cells: Mapping[str, Sequence[int]], scope: Scope
) -> Iterator[tuple[Sequence[str], list[bool]]]:
    """Yield figures with, for each row, whether it cannot tell them.

    `cells` are those of the columns `_TELLING`, 0 where there is none.
    """
    total, unknown = cells["message_count"], cells[_UNKNOWN_TLS]
    no_auth = zip(cells["unknown_auth_count"], total, strict=True)
    yield ("basic_count", "oauth_count"), [n == of for n, of in no_auth]
    yield _KNOWN_TLS, [n == of for n, of in zip(unknown, total, strict=True)]
    for version, of_doubt in (("none", unknown), (NEWEST, cells[_OF_REPORT])):
        if version in scope.untold:
            figures = tls_columns(version)
            counts = zip(cells[figures[0]], of_doubt, strict=True)
            yield figures, [in_doubt > 0 and not n for n, in_doubt in counts]
    if _CLIENT_IPS in cells:
        yield (_CLIENT_IPS,), [not n for n in cells[_CLIENT_IPS]]


def usage_with_untold(rows: Rows, scope: Scope, of_report: int = 0) -> Rows:
    """Return the usage of TLS versions or protocols with None for what the source cannot tell.

    `rows` have the version or protocol, the count of messages or senders, and its share;
    `of_report` is how many of them a report tells of.
    """
    unknown = sum(count for value, count, _ in rows if value == UNKNOWN)
    if not any(count for value, count, _ in rows if value != UNKNOWN):
        untold = {value for value, *_ in rows if value != UNKNOWN}
    else:
        in_doubt = {"none": unknown, NEWEST: of_report}
        untold = {
            value
            for value, count, _ in rows
            if not count and value in scope.untold and in_doubt.get(value)
        }
    figures = rows.columns[1:]
    return rows.blanked(figures if value in untold else () for value, *_ in rows)


def _blank(rows: pd.DataFrame, columns: Iterable[str], where: Sequence[bool]) -> pd.DataFrame:
    """Return rows with None in some cells; a column without any keeps its type."""
    if not any(where):
        return rows
    import pandas as pd

    cells = pd.Series(where, rows.index, dtype=bool)
    blanked: dict[str, Any] = {
        name: rows[name].astype(object).mask(cells, None) for name in columns if name in rows
    }
    return rows.assign(**blanked)
