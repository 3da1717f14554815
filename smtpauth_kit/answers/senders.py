"""What each sender sent, over which TLS versions, with which authentication."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smtpauth_kit.answers.scope import Scope, rows_of
from smtpauth_kit.answers.untold import tls_columns, with_untold
from smtpauth_kit.base.names import TLS_VERSIONS
from smtpauth_kit.store.engine import Engine

if TYPE_CHECKING:
    import pandas as pd


def senders(engine: Engine, scope: Scope) -> pd.DataFrame:
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
    return with_untold(with_shares(rows_of(engine, "senders", scope)), scope)


def with_shares(rows: pd.DataFrame) -> pd.DataFrame:
    """Put each TLS version's share of the row's messages beside its count."""
    names = [name for version in TLS_VERSIONS for name in tls_columns(version)]
    for count, share in zip(names[::2], names[1::2], strict=True):
        rows[share] = rows[count] / rows["message_count"]
    head = ["sender_address", "sender_domain", "message_count"]
    return rows[[*head, *names, *(name for name in rows if name not in (*head, *names))]]
