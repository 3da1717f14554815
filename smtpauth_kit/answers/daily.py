"""Every count of a scope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smtpauth_kit.answers.scope import Scope, rows_of
from smtpauth_kit.store.engine import Engine

if TYPE_CHECKING:
    import pandas as pd


def daily(engine: Engine, scope: Scope) -> pd.DataFrame:
    """Every count of the scope: what a page needs to answer on its own.

    Returns
    -------
    DataFrame
        period_start, period_end (dates), report_of (the tenant whose report counts it; None where
        it is no report), sender_address, sender_domain, tls_version,
        auth_protocol, message_count (int64, at least 1).
    """
    return rows_of(engine, "daily", scope)
