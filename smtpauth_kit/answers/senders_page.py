"""One page of the senders, in any order, however many there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from smtpauth_kit.answers.composing import statement
from smtpauth_kit.answers.of_tenants import of_tenants
from smtpauth_kit.answers.scope import Scope, rows_of
from smtpauth_kit.answers.sender_conditions import EVER_SEEN
from smtpauth_kit.answers.senders import with_shares
from smtpauth_kit.answers.untold import tls_columns, with_untold
from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.base.names import TLS_VERSIONS
from smtpauth_kit.store.engine import Engine

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class SendersPage:
    """Some rows of :func:`senders`, and what all rows found come to."""

    rows: pd.DataFrame
    row_count: int
    """Senders found, on all pages."""
    totals: Mapping[str, Any]
    """The columns of a row of :func:`senders` over all senders found, but for the text ones."""


SENDER_ORDERS: Final = {
    "sender_address": "found_senders.sender_key",
    "sender_domain": "sender_domain",
    **{
        column: f"{tls_columns(version)[0]}{share}"
        for version in TLS_VERSIONS
        for column, share in zip(tls_columns(version), ("", " / message_count"), strict=True)
    },
    **{
        column: column
        for column in (
            "message_count", "basic_count", "oauth_count", "unknown_auth_count", "first_seen",
            "last_seen",
        )
    },
    **{
        f"{name}_share": f"{name}_count / message_count"
        for name in ("basic", "oauth", "unknown_auth")
    },
    **{column: column for column in EVER_SEEN.values()},
    "client_ip_count": "coalesce(client_ip_count, 0)",
}  # fmt: skip
"""What senders can be ordered by, and what that is in SQL: their columns, and shares of counts."""


@of_tenants
def senders_page(
    engine: Engine,
    scope: Scope,
    *,
    sort: str = "message_count",
    descending: bool = True,
    search: str = "",
    offset: int = 0,
    limit: int = 50,
    client_ips: bool = True,
) -> SendersPage:
    """Return one page of :func:`senders`, however many there are, and the totals of all pages.

    Parameters
    ----------
    search
        Only senders whose address holds this, in any case.
    client_ips
        Whether rows have `later_columns`, which read more than the rest. Totals never have them.

    Raises
    ------
    UsageError
        Senders cannot be sorted by that column.

    Examples
    --------
    >>> scope = settle_scope(store)
    >>> page = senders_page(store, scope, sort="sender_address", descending=False, limit=1)
    >>> page.rows.sender_address.tolist(), page.row_count, page.totals["message_count"]
    (['app@fabrikam.com'], 2, 3)
    """
    if sort not in SENDER_ORDERS:
        raise UsageError(
            "Senders cannot be sorted by {column}. Their columns are: {columns}.",
            column=repr(sort),
            columns=list(SENDER_ORDERS),
        )
    params = {"search": search.strip().casefold(), "offset": offset, "limit": limit}
    text, used = statement(
        "senders_page",
        scope.filters,
        {**scope.params(), **params},
        placed_senders=_placed(sort, descending),
    )
    rows = engine.run(text, used)
    sums = with_untold(rows.iloc[:1], scope)
    totals = {str(name): cell for name, cell in sums.to_dict("records")[0].items()}
    page = with_shares(rows.iloc[1:].drop(columns=["row_count", "place"]).reset_index(drop=True))
    page = with_untold(page, scope)
    if client_ips:
        page = page.assign(**later_columns(engine, scope, page["sender_key"]))
    return SendersPage(page, int(totals.pop("row_count")), totals)


def _placed(sort: str, descending: bool) -> str:
    """Return the senders found, numbered in an order: of equal ones the busier first."""
    joined = {"client_ip_count": "client_counts", **dict.fromkeys(EVER_SEEN.values(), "ever_seen")}
    more = ""
    if table := joined.get(sort):
        more = f"\nleft join {table} on {table}.sender_key = found_senders.sender_key"
    direction = "desc" if descending else "asc"
    return (
        "select found_senders.*, row_number() over (\n"
        f"    order by {SENDER_ORDERS[sort]} {direction}, message_count desc,\n"
        f"        found_senders.sender_key) as place\nfrom found_senders{more}"
    )


@of_tenants
def later_columns(engine: Engine, scope: Scope, sender_keys: Iterable[str]) -> dict[str, list[Any]]:
    """Return what takes longest to find of some senders: addresses, first and last day ever.

    Examples
    --------
    >>> found = later_columns(store, settle_scope(store), ["scanner@contoso.com"])
    >>> found["client_ip_count"], found["first_seen_ever"]
    ([1], [datetime.date(2026, 11, 16)])
    """
    keys = list(sender_keys)
    counts = client_ip_counts(engine, scope, keys)
    if not keys:
        return {"client_ip_count": counts, **{name: [] for name in EVER_SEEN.values()}}
    seen = rows_of(engine, "seen_ever", scope, keys=keys).set_index("sender_key")
    days = {name: [seen[name].get(key) for key in keys] for name in EVER_SEEN.values()}
    return {"client_ip_count": counts, **days}


def client_ip_counts(engine: Engine, scope: Scope, sender_keys: Iterable[str]) -> list[int | None]:
    """Return from how many addresses each of some senders sent; None where no row names one."""
    keys = list(sender_keys)
    if not keys:
        return []
    rows = rows_of(engine, "client_ip_counts", scope, keys=keys)
    counts = dict(zip(rows["sender_key"], rows["client_ip_count"], strict=True))
    return [int(counts[key]) if key in counts else None for key in keys]
