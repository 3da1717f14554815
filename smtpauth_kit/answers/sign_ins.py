"""How often each account signed in for SMTP, and failed to."""

from __future__ import annotations

from smtpauth_kit.answers.coverage import success_tellers
from smtpauth_kit.answers.scope import Scope, plain_rows_of
from smtpauth_kit.answers.tabled import tabled
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.store.rows import Rows


@tabled
def sign_ins(engine: Engine, scope: Scope) -> Rows:
    """How often each account signed in for SMTP and failed to; a failure is never use.

    Returns
    -------
    DataFrame
        One row per account, most attempts first: account, success_count, failure_count,
        attempt_count (int64), first_seen, last_seen (UTC), countries (sorted list),
        client_ip_count. success_count is None, not 0, where a source tells of failures only.
    """
    rows = with_untold_success(engine, scope, plain_rows_of(engine, "sign_ins", scope))
    return rows.with_column("countries", [countries or [] for countries in rows["countries"]])


def tells_success(engine: Engine, scope: Scope) -> bool:
    """Tell whether no success is 0 of them: mail servers' logs may tell of failures only.

    >>> from smtpauth_kit.answers.settling import settle_scope
    >>> tells_success(store, settle_scope(store))
    True
    """
    sources = {source for _, source in scope.sign_in_sources}
    return "server_log" not in sources or "server_log" in success_tellers(engine)


def with_untold_success(engine: Engine, scope: Scope, rows: Rows) -> Rows:
    """Return rows with None for a success_count of 0 that may be no 0."""
    if tells_success(engine, scope):
        return rows
    return rows.blanked(("success_count",) if n == 0 else () for n in rows["success_count"])
