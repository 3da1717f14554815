"""What each sender sent, over which TLS versions, with which authentication."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from smtpauth_kit.answers.scope import Scope
from smtpauth_kit.answers.tabled import Either, asked, tabled
from smtpauth_kit.answers.untold import plain_with_untold, tls_columns, with_untold
from smtpauth_kit.base.names import TLS_VERSIONS
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.store.rows import Rows

if TYPE_CHECKING:
    import pandas as pd


@tabled
def senders(engine: Engine, scope: Scope) -> Either:
    """Tell what each sender sent, over which TLS versions, with which authentication.

    Returns
    -------
    DataFrame
        One row per sender, busiest first: sender_address (as it came), sender_domain (lower
        case, IDNA), message_count; for none, 1_0, 1_1, 1_2, 1_3, unknown: tls_V_count (int64)
        and tls_V_share (float, 0 to 1); basic_count, oauth_count, unknown_auth_count;
        first_seen, last_seen (dates of the range; of a report: the ends of its periods);
        first_seen_ever, last_seen_ever (the same over all days loaded, of every source);
        client_ip_count.
        A figure that no row of the sender tells is None (see `answers.untold`).

    Examples
    --------
    >>> senders(store, settle_scope(store)).sender_address.tolist()
    ['scanner@contoso.com', 'app@fabrikam.com']
    """
    found = asked(engine, "senders", scope)
    return Either(
        lambda: plain_with_untold(_plain_with_shares(found.plain()), scope),
        lambda: with_untold(with_shares(found.frame()), scope),
    )


def with_shares(rows: pd.DataFrame) -> pd.DataFrame:
    """Put each TLS version's share of the row's messages beside its count."""
    for count, share in map(tls_columns, TLS_VERSIONS):
        rows[share] = rows[count] / rows["message_count"]
    return rows[_in_order(map(str, rows.columns))]


def _plain_with_shares(rows: Rows) -> Rows:
    for count, share in map(tls_columns, TLS_VERSIONS):
        pairs = zip(rows[count], rows["message_count"], strict=True)
        rows = rows.with_column(share, (part / whole for part, whole in pairs), "DOUBLE")
    return rows.in_order(_in_order(rows.columns))


def _in_order(columns: Iterable[str]) -> list[str]:
    names = [name for version in TLS_VERSIONS for name in tls_columns(version)]
    head = ["sender_address", "sender_domain", "message_count", *names]
    return [*head, *(name for name in columns if name not in head)]
