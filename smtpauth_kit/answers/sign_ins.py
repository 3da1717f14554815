"""How often each account signed in for SMTP, and failed to."""

from __future__ import annotations

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
        client_ip_count. success_count is None where the source tells of failures only.
    """
    rows = plain_rows_of(engine, "sign_ins", scope)
    # Mail servers' logs that tell of no success at all tell of none: a 0 would be a guess.
    if scope.sign_in_source == "server_log" and not any(rows["success_count"]):
        rows = rows.with_column("success_count", [None] * len(rows))
    return rows.with_column("countries", [countries or [] for countries in rows["countries"]])
