"""How many messages were sent: by day, by domain, by sender."""

from __future__ import annotations

from smtpauth_kit.answers.scope import Scope, plain_rows_of
from smtpauth_kit.answers.settling import settle_scope
from smtpauth_kit.answers.tabled import OfStatement, asked, tabled
from smtpauth_kit.base.filters import ALL, Filters
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.store.rows import Rows


@tabled
def sending_volume(engine: Engine, scope: Scope) -> OfStatement:
    """Messages per day, or per period of a report, and sender domain.

    Returns
    -------
    DataFrame
        period_start, period_end (dates, both included), report_date (None when the count is for
        several days: such a count is never spread), sender_domain, message_count (int64, at
        least 1); by period and domain. Empty, with these columns, when nothing matches.

    Examples
    --------
    >>> sending_volume(store, settle_scope(store)).message_count.tolist()
    [2, 1]
    """
    return asked(engine, "sending_volume", scope)


@tabled
def messages_by_day(engine: Engine, scope: Scope) -> OfStatement:
    """Messages per day, or per period of a report, of all senders.

    Returns
    -------
    DataFrame
        period_start, period_end (dates, both included), message_count (int64, at least 1); by
        period. A count for several days is never spread over them.

    Examples
    --------
    >>> messages_by_day(store, settle_scope(store)).message_count.tolist()
    [2, 1]
    """
    return asked(engine, "messages_by_day", scope)


@tabled
def volume_of_busiest(engine: Engine, scope: Scope, top: int) -> OfStatement:
    """Messages per period of the `top` busiest sender domains, and of all others together.

    Returns
    -------
    DataFrame
        place (1 for the busiest domain; `top` + 1 for all others), period_start, period_end
        (dates, both included), sender_domain (None for all others), message_count (int64, at
        least 1); by place, then by period.

    Examples
    --------
    >>> rows = volume_of_busiest(store, settle_scope(store), 1)
    >>> rows[["sender_domain", "message_count"]].values.tolist()
    [['contoso.com', 2], [None, 1]]
    """
    return asked(engine, "volume_of_busiest", scope, top=top)


@tabled
def volume_by_sender(engine: Engine, scope: Scope) -> Rows:
    """Messages of the `TOP` busiest senders, and of all others together.

    Returns
    -------
    DataFrame
        sender_address (None in the last row, of all others; there is none when nobody is left),
        sender_count (1, or how many the others are), message_count (int64), share (float, sums
        to 1); busiest first.

    Examples
    --------
    >>> busiest = volume_by_sender(store, settle_scope(store))
    >>> busiest[["sender_address", "message_count"]].values.tolist()
    [['scanner@contoso.com', 2], ['app@fabrikam.com', 1]]
    """
    return _ranking(engine, "volume_by_sender", scope)


@tabled
def volume_by_domain(engine: Engine, scope: Scope) -> Rows:
    """Messages of the `TOP` busiest sender domains, and of all others together.

    Returns
    -------
    DataFrame
        As :func:`volume_by_sender`, with sender_domain and domain_count.

    Examples
    --------
    >>> busiest = volume_by_domain(store, settle_scope(store))
    >>> busiest[["sender_domain", "message_count"]].values.tolist()
    [['contoso.com', 2], ['fabrikam.com', 1]]
    """
    return _ranking(engine, "volume_by_domain", scope)


def busiest_sender(engine: Engine, filters: Filters = ALL) -> str:
    """Return the address with most messages of the days asked for; empty where nobody sent any.

    Examples
    --------
    >>> busiest_sender(store)
    'scanner@contoso.com'
    """
    found = volume_by_sender.plain(engine, settle_scope(engine, filters))
    return str(found["sender_address"][0]) if len(found) else ""


def _ranking(engine: Engine, name: str, scope: Scope) -> Rows:
    rows = plain_rows_of(engine, name, scope)
    counts = rows["message_count"]
    total = max(1, sum(counts))
    return rows.with_column("share", (count / total for count in counts), "DOUBLE")
