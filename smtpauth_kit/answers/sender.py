"""Everything known of one sender: days, addresses, sign-ins, the setting of its mailbox."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from smtpauth_kit.answers.coverage import loaded_sign_ins
from smtpauth_kit.answers.scope import Scope, plain_rows_of, rows_of
from smtpauth_kit.answers.senders import senders
from smtpauth_kit.answers.settling import (
    allowed_sources,
    choose_sign_in_sources,
    settle_scope,
)
from smtpauth_kit.answers.sign_ins import tells_success, with_untold_success
from smtpauth_kit.answers.tabled import OfStatement, asked, tabled
from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.store.engine import Engine
from smtpauth_kit.store.rows import Rows

if TYPE_CHECKING:
    import pandas as pd


@tabled
def sender(engine: Engine, scope: Scope) -> Rows:
    """Everything known of the one sender of `scope.filters.sender`.

    Returns
    -------
    DataFrame
        The sender's row of :func:`senders` (no row when it sent nothing in the range), and:
        days (list of period_start, period_end, report_date, tls_version, auth_protocol,
        message_count), client_ips (list of str), sign_ins (success and failure as counts; both
        None where no sign-ins are loaded for the range).

    Raises
    ------
    UsageError
        The filters name no sender.
    """
    if not scope.filters.sender:
        raise UsageError("Which sender? Name it with --sender ADDRESS.")
    rows = senders.plain(engine, scope)
    days = sender_days.plain(engine, scope).records()
    ips = plain_rows_of(engine, "sender_client_ips", scope)["client_ip"]
    counts = _sign_ins(engine, scope)
    for name, cell in {"days": days, "client_ips": ips, "sign_ins": counts}.items():
        rows = rows.with_column(name, [cell] * len(rows))
    return rows


@tabled
def sender_days(engine: Engine, scope: Scope) -> OfStatement:
    """Return what the one sender of the filters sent on each day or in each period, in order.

    Returns
    -------
    DataFrame
        period_start, period_end, report_date (None for a period of several days), tls_version,
        auth_protocol, message_count.
    """
    return asked(engine, "sender_days", scope)


def every_day(engine: Engine, scope: Scope) -> Scope:
    """Return the scope of all days loaded, of the sources that `scope` shows.

    Examples
    --------
    >>> import datetime as dt
    >>> day = dt.date(2026, 11, 16)
    >>> scope = every_day(store, settle_scope(store, Filters(start=day, end=day)))
    >>> scope.start, scope.end
    (datetime.date(2026, 11, 16), datetime.date(2026, 11, 22))
    """
    if scope.oldest is None or scope.newest is None:
        return scope
    wide = scope.filters.changed(start=scope.oldest, end=scope.newest, as_of=None)
    found = settle_scope(engine, wide)
    if scope.messages_source not in (None, found.messages_source):
        of_shown = settle_scope(engine, wide.changed(source=scope.messages_source))
        found = replace(of_shown, filters=wide, sign_in_sources=found.sign_in_sources)
    if not found.covered:
        return found
    # Other sources may reach further.
    return replace(found, start=found.covered[0], end=found.covered[-1])


def ever(engine: Engine, scope: Scope) -> Scope:
    """Return the scope with no first and no last day: sign-ins may reach further than messages.

    Examples
    --------
    >>> scope = ever(store, settle_scope(store))
    >>> scope.start, scope.end, scope.sign_in_sources
    (datetime.date(1, 1, 1), datetime.date(9999, 12, 31), ())
    """
    sign_ins, _ = loaded_sign_ins(engine, scope.filters)
    sources = choose_sign_in_sources(sign_ins, allowed_sources(scope.filters))
    return replace(scope, start=dt.date.min, end=dt.date.max, sign_in_sources=sources)


@tabled
def sender_clients(engine: Engine, scope: Scope) -> Rows:
    """From which addresses the sender of `scope.filters.sender` sent or signed in.

    Returns
    -------
    DataFrame
        One row per client_ip, the one seen last first: message_count (None where no message came
        from it), success_count and failure_count of sign-ins (None where none was tried from it, or
        where nothing tells of successes),
        countries, networks and user_agents (sorted lists, as the sign-in log has them); sent_days
        (sorted lists of dates: days, or first days of periods, with a message), success_days and
        failure_days (of sign-ins); first_seen and last_seen (dates of the scope: see
        :func:`every_day`).

    Examples
    --------
    >>> one = settle_scope(store, Filters(sender="scanner@contoso.com"))
    >>> sender_clients(store, one)[["client_ip", "message_count"]].values.tolist()
    [['192.0.2.25', 2]]
    """
    found = plain_rows_of(engine, "sender_clients", scope)
    rows = with_untold_success(engine, scope, found)
    for column in ("message_count", "success_count", "failure_count"):
        rows = rows.with_column(column, rows[column])
    for column in ("countries", "networks", "user_agents"):
        rows = rows.with_column(column, [texts or [] for texts in rows[column]])
    for column in ("sent_days", "success_days", "failure_days"):
        days = [list(map(_day, each or [])) for each in rows[column]]
        rows = rows.with_column(column, days)
    return rows


def _day(number: int) -> dt.date:
    return dt.date(1970, 1, 1) + dt.timedelta(int(number))


def sender_subjects(engine: Engine, scope: Scope) -> pd.DataFrame:
    """Under which subjects the sender of `scope.filters.sender` sent, where a trace tells them.

    Returns
    -------
    DataFrame
        The 20 most frequent, most messages first: message_subject (as it came: anything may stand
        in it), message_count, first_seen and last_seen (dates), subject_count (how many there are
        in all, the same in each row). Empty where no source shown tells subjects.
    """
    return rows_of(engine, "sender_subjects", scope)


@dataclass(frozen=True)
class MailboxSetting:
    """Whether a mailbox may use SMTP AUTH, as far as the settings loaded tell."""

    allowed: bool | None
    """None: it inherits what its tenant says, and that is not loaded."""
    inherited: bool
    """Whether the tenant decides."""
    day: dt.date
    """When the deciding setting was exported; the mailbox's own where none decides."""


def mailbox_setting(engine: Engine, scope: Scope) -> MailboxSetting | None:
    """Return the newest setting of the sender's mailbox, resolved against its tenant.

    None: no settings of this mailbox are loaded. What counts is the last export, not the range.
    """
    rows = plain_rows_of(engine, "mailbox_setting", scope).records()
    mailbox = next((row for row in rows if row["address"]), None)
    if mailbox is None:
        return None
    own = mailbox["smtp_auth_disabled"]
    if own is not None:
        return MailboxSetting(not own, False, mailbox["day"])
    tenants = [row for row in rows if not row["address"] and row["tenant"] == mailbox["tenant"]]
    blocked = tenants[0]["smtp_auth_disabled"] if tenants else None
    if blocked is None:
        return MailboxSetting(None, True, mailbox["day"])
    return MailboxSetting(not blocked, True, tenants[0]["day"])


def _sign_ins(engine: Engine, scope: Scope) -> dict[str, int | None]:
    """Return how often the sender signed in and failed to; None where nothing tells."""
    if scope.sign_in_source is None:
        return {"success": None, "failure": None}
    attempts = plain_rows_of(engine, "sign_ins", scope)
    success, failure = (sum(attempts[f"{name}_count"]) for name in ("success", "failure"))
    told = success or tells_success(engine, scope)
    return {"success": success if told else None, "failure": failure}
