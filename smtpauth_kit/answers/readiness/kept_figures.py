"""The figures of every sender, as a large store keeps them for readiness to open at once.

They are those of every day loaded, by the source that is chosen then: what stands in `figures.sql`
and `clients.sql`. Who asks for other days, for another source or by conditions has them summed up.
"""

from __future__ import annotations

import hashlib
from typing import Final

from smtpauth_kit.answers.readiness.relations import rows_of, statement
from smtpauth_kit.answers.scope import Scope
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.store.facts_name import facts_name
from smtpauth_kit.store.rows import Rows

TABLE: Final = "sender_figures"

_KEPT_OF: Final = f"select kept_of from {TABLE} limit 1"
_KEPT: Final = f"select * from {TABLE} order by sender_key, tenant"


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
    found = _kept(engine, scope)
    return summed_up(engine, scope) if found is None else found


def summed_up(engine: Engine, scope: Scope) -> Rows:
    """Return the same, from the facts."""
    figures = rows_of(engine, "figures", scope)
    if not len(figures):
        return figures
    return figures.joined(
        rows_of(engine, "clients", scope, keys=figures["sender_key"]), "tenant", "sender_key"
    )


def kept_of(engine: Engine, scope: Scope) -> str:
    """Return what names the facts and the statements that figures are of."""
    statements = [statement(name, scope) for name in ("figures", "clients")]
    said = (*statements, facts_name(engine))
    return hashlib.sha256(repr(said).encode()).hexdigest()


def _kept(engine: Engine, scope: Scope) -> Rows | None:
    """Return what the store keeps; None where it keeps nothing of this scope and its facts."""
    if not engine.has_tables(TABLE):
        return None
    if engine.rows(_KEPT_OF)["kept_of"] != [kept_of(engine, scope)]:
        return None
    rows = engine.rows(_KEPT)
    return rows.in_order([name for name in rows.columns if name != "kept_of"])
