"""How often each account signed in for SMTP, and failed to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smtpauth_kit.answers.coverage import success_tellers
from smtpauth_kit.answers.scope import Scope, rows_of
from smtpauth_kit.store.engine import Engine

if TYPE_CHECKING:
    import pandas as pd


def sign_ins(engine: Engine, scope: Scope) -> pd.DataFrame:
    """How often each account signed in for SMTP and failed to; a failure is never use.

    Returns
    -------
    DataFrame
        One row per account, most attempts first: account, success_count, failure_count,
        attempt_count (int64), first_seen, last_seen (UTC), countries (sorted list),
        client_ip_count. success_count is None, not 0, where a source tells of failures only.
    """
    rows = with_untold_success(engine, scope, rows_of(engine, "sign_ins", scope))
    rows["countries"] = [countries or [] for countries in rows["countries"]]
    return rows


def tells_success(engine: Engine, scope: Scope) -> bool:
    """Tell whether no success is 0 of them: mail servers' logs may tell of failures only.

    >>> from smtpauth_kit.answers.settling import settle_scope
    >>> tells_success(store, settle_scope(store))
    True
    """
    sources = {source for _, source in scope.sign_in_sources}
    return "server_log" not in sources or "server_log" in success_tellers(engine)


def with_untold_success(engine: Engine, scope: Scope, rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with None for a success_count of 0 that may be no 0."""
    count = rows["success_count"]
    if tells_success(engine, scope) or not (count == 0).any():
        return rows
    return rows.assign(success_count=count.astype(object).mask(count == 0, None))
