"""How many accounts used SMTP AUTH, for how many messages; and in as many days before."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from smtpauth_kit.answers.scope import Scope, loaded_days, rows_of, settle_scope
from smtpauth_kit.answers.usage import share_of
from smtpauth_kit.base.names import TLS_VERSIONS
from smtpauth_kit.store.engine import Engine

if TYPE_CHECKING:
    import pandas as pd

_DAY: Final = dt.timedelta(days=1)


def insight(engine: Engine, scope: Scope) -> pd.DataFrame:
    """How many accounts used SMTP AUTH, for how many messages, over which TLS versions.

    Returns
    -------
    DataFrame
        One row: start_date, end_date (dates, UTC unless the filters say otherwise, both
        included, None when nothing is loaded), account_count and message_count (int),
        tls_usage (a list of `tls_version`, `message_count`, `share`; all six of
        `names.TLS_VERSIONS`). Accounts are sender addresses with at least one message; where
        only sign-ins are loaded, accounts with a successful one.

    Notes
    -----
    Microsoft's SMTP Auth clients insight: distinct users or service accounts in the past 7 days.

    Examples
    --------
    >>> row = insight(store, settle_scope(store)).iloc[0]
    >>> int(row.account_count), int(row.message_count)
    (2, 3)
    """
    import pandas as pd

    usage, accounts = dict.fromkeys(TLS_VERSIONS, 0), 0
    if scope.accounts_from == "sign_ins":
        accounts = int(rows_of(engine, "insight_of_sign_ins", scope)["account_count"].iloc[0])
    else:
        rows = rows_of(engine, "insight", scope)
        usage.update(zip(rows["tls_version"], (int(n) for n in rows["message_count"]), strict=True))
        accounts = int(rows["account_count"].max()) if len(rows) else 0
    total = sum(usage.values())
    row = {
        "start_date": scope.start,
        "end_date": scope.end,
        "account_count": accounts,
        "message_count": total,
        "tls_usage": [
            {"tls_version": version, "message_count": count, "share": share_of(count, total)}
            for version, count in usage.items()
        ],
    }
    return pd.DataFrame([row])


def totals(engine: Engine, scope: Scope) -> tuple[int, int]:
    """Return the message_count and account_count of :func:`insight`, without the rest.

    Examples
    --------
    >>> totals(store, settle_scope(store))
    (3, 2)
    """
    if scope.accounts_from == "sign_ins":
        row = insight(engine, scope).iloc[0]
    else:
        row = rows_of(engine, "totals", scope).iloc[0]
    return int(row["message_count"]), int(row["account_count"])


def accounts_before(engine: Engine, scope: Scope) -> int | None:
    """How many accounts used SMTP AUTH in as many days before the range, from the same source.

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
    if earlier is None or not _are_whole(engine, earlier, scope):
        return None
    return int(insight(engine, earlier)["account_count"].iloc[0])


def _scope_before(engine: Engine, scope: Scope) -> Scope | None:
    """Return the scope of as many days just before, or None where it has no such source."""
    if scope.start is None or scope.end is None or scope.source is None:
        return None
    days = (scope.end - scope.start).days + 1
    dates = {"start": scope.start - days * _DAY, "end": scope.start - _DAY, "as_of": None}
    earlier = settle_scope(engine, scope.filters.changed(source=scope.source, **dates))
    same = earlier.accounts_from == "submissions" or earlier.sign_in_source == scope.sign_in_source
    return earlier if same else None


def _are_whole(engine: Engine, earlier: Scope, scope: Scope) -> bool:
    """Tell whether every day of both is loaded, for each tenant that has any of them."""
    assert earlier.start is not None and scope.end is not None
    # The first day of another time zone starts in the UTC day before.
    zone = "UTC" if scope.source == "report" else scope.filters.timezone
    midnight = dt.datetime.combine(earlier.start, dt.time(), ZoneInfo(zone))
    start = min(midnight.astimezone(dt.UTC).date(), earlier.start)
    wanted = {start + n * _DAY for n in range((scope.end - start).days + 1)}
    loaded: dict[str, set[dt.date]] = {}
    for each in (earlier, scope):
        for tenant, days in loaded_days(engine, each).items():
            loaded.setdefault(tenant, set()).update(days & wanted)
    return any(loaded.values()) and all(days == wanted for days in loaded.values() if days)
