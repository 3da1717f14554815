"""How often each account signed in for SMTP, and failed to."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
        client_ip_count. success_count is None where the source tells of failures only.
    """
    rows = rows_of(engine, "sign_ins", scope)
    # Mail servers' logs that tell of no success at all tell of none: a 0 would be a guess.
    if scope.sign_in_source == "server_log" and not rows["success_count"].any():
        rows["success_count"] = rows["success_count"].astype(object).mask(rows.index >= 0, None)
    rows["countries"] = [countries or [] for countries in rows["countries"]]
    return rows
