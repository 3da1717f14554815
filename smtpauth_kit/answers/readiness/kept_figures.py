"""The figures of every sender and week, as a large store keeps them for readiness to open at once.

They are those of every day loaded, by the source that is chosen then: what stands in `figures.sql`
and `clients.sql`, and in `burn_down.sql`. Who asks for other days, for another source or by
conditions has them summed up.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, Final

from smtpauth_kit.answers.kept_days import are_spans_kept
from smtpauth_kit.answers.readiness.days import as_date
from smtpauth_kit.answers.readiness.relations import rows_of, statement
from smtpauth_kit.answers.scope import Scope
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.store.facts_name import facts_name
from smtpauth_kit.store.rows import Rows

SENDERS: Final = "sender_figures"
WEEKS: Final = "week_figures"
"""The tables: figures of each sender and those of each week, each with what it is of (kept_of)."""

STATEMENTS: Final = {SENDERS: ("figures", "clients"), WEEKS: ("burn_down",)}
"""What makes the rows of each."""

_ENDS: Final = "select min(first_day) as first, max(last_day) as last from span_by_place"


def figures_of(engine: Engine, scope: Scope) -> Rows:
    """Return the figures of every sender of a scope, in the order of their keys.

    Returns
    -------
    Rows
        One row per tenant and sender, with the columns of `figures.sql` and `clients.sql`.

    Examples
    --------
    >>> from smtpauth_kit.answers.readiness.answer import readiness_scope
    >>> figures_of(store, readiness_scope(store))["client_ip_count"]
    [1, 1]
    """
    found = _kept(engine, scope, SENDERS, "sender_key, tenant")
    return summed_up(engine, scope) if found is None else found


def weeks_of(engine: Engine, scope: Scope) -> Rows:
    """Return what was sent in each week of a scope, in their order.

    Returns
    -------
    Rows
        One row per ISO week in which anything was sent, with the columns of `burn_down.sql`.

    Examples
    --------
    >>> from smtpauth_kit.answers.readiness.answer import readiness_scope
    >>> weeks_of(store, readiness_scope(store))["sender_count"]
    [2]
    """
    found = _kept(engine, scope, WEEKS, "monday")
    return rows_of(engine, "burn_down", scope) if found is None else found


def summed_up(engine: Engine, scope: Scope) -> Rows:
    """Return the same, from the facts."""
    figures = rows_of(engine, "figures", scope)
    if not len(figures):
        return figures
    clients: Rows | None = None
    for statement_of in client_statements(engine, scope, figures):
        found = engine.rows(*statement_of)
        clients = found if clients is None else Rows(found.columns, (*clients, *found))
    assert clients is not None
    return figures.joined(clients, "tenant", "sender_key")


def client_statements(
    engine: Engine, scope: Scope, figures: Rows
) -> list[tuple[str, dict[str, Any]]]:
    """Return the statements that tell of all senders from where they send and to whom.

    Parameters
    ----------
    figures
        Of `figures.sql`: sender_key, sources and longest_period of each sender.
    """
    told = zip(figures["sender_key"], figures["sources"], figures["longest_period"], strict=True)
    return [
        statement("clients", scope, as_kept=as_kept, keys=keys)
        for as_kept, keys in by_what_is_kept(engine, scope, told)
    ]


def by_what_is_kept(
    engine: Engine, scope: Scope, senders: Iterable[tuple[str, Sequence[str], int]]
) -> list[tuple[bool, list[str]]]:
    """Return the keys of senders that what a store keeps of days tells of (True), and of others.

    Of reports, and of counts of several days, the rows themselves tell. `senders`: key, sources and
    longest period of each.
    """
    kept, others = set[str](), set[str]()
    of_days = _keeps_range(engine, scope)
    for key, sources, longest in senders:
        is_of_days = of_days and longest == 1 and "report" not in sources
        (kept if is_of_days else others).add(key)
    parts = ((True, kept - others), (False, others))
    return [(as_kept, sorted(keys)) for as_kept, keys in parts if keys]


def _keeps_range(engine: Engine, scope: Scope) -> bool:
    """Tell whether a store keeps its days as they are, and none of them is outside a range."""
    if scope.start is None or scope.end is None or not are_spans_kept(engine):
        return False
    first, last = engine.rows(_ENDS).first().values()
    return first is not None and scope.start <= as_date(first) and as_date(last) <= scope.end


def kept_of(engine: Engine, scope: Scope, table: str) -> str:
    """Return what names the facts and the statements that a table of figures is of."""
    statements = [statement(name, scope) for name in STATEMENTS[table]]
    said = (*statements, facts_name(engine))
    return hashlib.sha256(repr(said).encode()).hexdigest()


def _kept(engine: Engine, scope: Scope, table: str, order: str) -> Rows | None:
    """Return what the store keeps; None where it keeps nothing of this scope and its facts."""
    if not engine.has_tables(table):
        return None
    named = engine.rows(f"select kept_of from {table} limit 1")
    if named["kept_of"] != [kept_of(engine, scope, table)]:
        return None
    return engine.rows(f"select * exclude (kept_of) from {table} order by {order}")
