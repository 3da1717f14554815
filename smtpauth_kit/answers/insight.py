"""How many accounts used SMTP AUTH, for how many messages; and in as many days before."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from smtpauth_kit.answers.coverage import names_accounts
from smtpauth_kit.answers.days_before import are_whole
from smtpauth_kit.answers.scope import Scope, plain_rows_of
from smtpauth_kit.answers.settling import settle_scope
from smtpauth_kit.answers.sign_ins import tells_success
from smtpauth_kit.answers.tabled import tabled
from smtpauth_kit.answers.usage import tls_usage
from smtpauth_kit.base.names import TLS_VERSIONS
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.store.rows import Rows

_DAY: Final = dt.timedelta(days=1)


@tabled
def insight(engine: Engine, scope: Scope) -> Rows:
    """How many accounts used SMTP AUTH, for how many messages, over which TLS versions.

    Returns
    -------
    DataFrame
        One row: start_date, end_date (dates, UTC unless the filters say otherwise, both
        included, None when nothing is loaded), account_count and message_count (int; None where
        no source says anything of the range), signed_in_account_count (who authenticated for
        them; None where no message names its account), tls_usage (a list of `tls_version`,
        `message_count`, `share`; all six of `names.TLS_VERSIONS`; None for what the source cannot
        tell). Accounts are sender addresses with at least one message; where only sign-ins are
        loaded, or asked for, accounts with a successful one.

    Notes
    -----
    Microsoft's SMTP Auth clients insight: distinct users or service accounts in the past 7 days.

    Examples
    --------
    >>> row = insight(store, settle_scope(store)).iloc[0]
    >>> int(row.account_count), int(row.message_count)
    (2, 3)
    """
    accounts, signed_in, total = _accounts(engine, scope)
    row = {
        "start_date": scope.start,
        "end_date": scope.end,
        "account_count": accounts,
        "signed_in_account_count": signed_in,
        "message_count": total,
        "tls_usage": _tls_usage(engine, scope, total),
    }
    return Rows.of_records(row, [row])


def _accounts(engine: Engine, scope: Scope) -> tuple[int | None, int | None, int | None]:
    """Return how many accounts, how many of them signed in, and the messages they sent."""
    if not scope.covered:
        return None, None, None
    if scope.accounts_from == "sign_ins":
        count = int(plain_rows_of(engine, "insight_of_sign_ins", scope).first()["account_count"])
        if not count and not tells_success(engine, scope):
            return None, None, None
        return count, count, 0 if scope.sources else None
    row = plain_rows_of(engine, "totals", scope).first()
    return int(row["account_count"]), _signed_in(engine, scope), int(row["message_count"])


def _signed_in(engine: Engine, scope: Scope) -> int | None:
    """Return how many accounts authenticated for the messages; None where none is named.

    A message that names no account counts for its sender.
    """
    if not names_accounts(engine) & {source for _, source in scope.sources}:
        return None
    row = plain_rows_of(engine, "signed_in_accounts", scope).first()
    return int(row["account_count"]) if row["named_count"] else None


def _tls_usage(engine: Engine, scope: Scope, total: int | None) -> list[dict[str, Any]]:
    usage = tls_usage.plain(engine, scope)
    if not len(usage):
        nothing = None if total is None else 0
        share = None if total is None else 0.0
        return [{"tls_version": v, "message_count": nothing, "share": share} for v in TLS_VERSIONS]
    return [
        {"tls_version": version, "message_count": count, "share": share}
        for version, count, share in usage
    ]


def totals(engine: Engine, scope: Scope) -> tuple[int, int]:
    """Return the message_count and account_count of :func:`insight`; 0 where nothing is known.

    Examples
    --------
    >>> totals(store, settle_scope(store))
    (3, 2)
    """
    accounts, _, messages = _accounts(engine, scope)
    return messages or 0, accounts or 0


def accounts_before(engine: Engine, scope: Scope, *, signed_in: bool = False) -> int | None:
    """How many accounts used SMTP AUTH in as many days before the range, from the same source.

    They are what insight's account_count counts, or with `signed_in` its signed_in_account_count.
    None where those days or these are not wholly loaded: a comparison would be of two lengths.

    Examples
    --------
    >>> accounts_before(store, settle_scope(store)) is None
    True
    >>> weekend = Filters(start=dt.date(2026, 11, 21), end=dt.date(2026, 11, 22))
    >>> accounts_before(store, settle_scope(store, weekend))
    0
    """
    earlier = _scope_before(engine, scope)
    if earlier is None or not are_whole(engine, earlier, scope):
        return None
    accounts, named, _ = _accounts(engine, earlier)
    return named if signed_in else accounts or 0


def _scope_before(engine: Engine, scope: Scope) -> Scope | None:
    """Return the scope of as many days just before, or None where it has no such source."""
    if scope.start is None or scope.end is None or scope.source is None:
        return None
    days = (scope.end - scope.start).days + 1
    dates = {"start": scope.start - days * _DAY, "end": scope.start - _DAY, "as_of": None}
    earlier = settle_scope(engine, scope.filters.changed(source=scope.source, **dates))
    same = earlier.accounts_from == "submissions" or earlier.sign_in_source == scope.sign_in_source
    return earlier if same else None
