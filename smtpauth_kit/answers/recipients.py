"""To whom a sender writes: the domains of its recipients, and which of them are new."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from smtpauth_kit.answers.scope import Scope, rows_of
from smtpauth_kit.store.engine import Engine

if TYPE_CHECKING:
    import pandas as pd

NEW_DAYS: Final = 30
"""A domain that was first written to in so many last days is new."""


def sender_recipients(engine: Engine, scope: Scope) -> pd.DataFrame:
    """To which domains the sender of `scope.filters.sender` wrote; see `devices.telling_scope`.

    Returns
    -------
    DataFrame
        One row per domain of a recipient, the newest first: domain (lower case), message_count
        (messages with a recipient there: one to two domains is in both), day_count, first_seen,
        last_seen (dates of the scope), is_new (see `new_since`). Empty where the source tells no
        recipients.

    Examples
    --------
    >>> from smtpauth_kit.answers.settling import settle_scope
    >>> found = sender_recipients(store, settle_scope(store, Filters(sender="app@fabrikam.com")))
    >>> list(found.columns)
    ['domain', 'message_count', 'day_count', 'first_seen', 'last_seen', 'is_new']
    """
    rows = rows_of(engine, "sender_recipients", scope)
    since = new_since(rows, scope)
    return rows.assign(is_new=[since is not None and day >= since for day in rows["first_seen"]])


def new_since(rows: pd.DataFrame, scope: Scope) -> dt.date | None:
    """Return the first of the last `NEW_DAYS` days of a scope; None: nothing can be told new.

    A sender that wrote to nobody before these days has no usual recipients: all would be new.
    """
    if rows.empty or scope.end is None:
        return None
    since = scope.end - dt.timedelta(days=NEW_DAYS - 1)
    return since if min(rows["first_seen"]) < since else None
