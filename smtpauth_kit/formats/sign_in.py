"""What every log tells alike of a sign-in: its instant, who it was, and how it is known again."""

from __future__ import annotations

import datetime as dt

from smtpauth_kit.base.facts import SignIn
from smtpauth_kit.formats.submission_log import key_of_columns
from smtpauth_kit.values import addresses, times
from smtpauth_kit.values.cells import Unfit


def account_in(text: str) -> addresses.Address:
    """Return the account of a row that must name one.

    Examples
    --------
    >>> account_in("Scanner@Contoso.com").key
    'scanner@contoso.com'
    """
    account = addresses.account(text)
    if not account.shown:
        raise Unfit("the account is empty")
    return account


def sign_in(
    line: int,
    at: times.Moment,
    account: addresses.Address,
    result: str,
    ip: str,
    *,
    sign_in_id: str = "",
    apart: tuple[object, ...] = (),
    **told: str,
) -> SignIn:
    """Return a sign-in; `told` are the columns that only some logs have.

    Without an id of its own it is known again by what it tells, and by what tells attempts of one
    second apart: `apart`.

    Examples
    --------
    >>> at, who = times.moment("2026-11-16T08:05:00Z"), account_in("scanner@contoso.com")
    >>> sign_in(7, at, who, "failure", "192.0.2.25", sign_in_id="B1 ", city="Lagos").row_key
    'id:b1'
    """
    instant, address = with_time(at), addresses.client_ip(ip)
    return SignIn(
        line=line,
        signed_in_at=instant,
        account=account.shown,
        account_key=account.key,
        result=result,
        row_key=row_key(sign_in_id, instant, account.key, address, result, *apart),
        client_ip=address,
        **told,
    )


def with_time(at: times.Moment) -> dt.datetime:
    """Return the instant of a sign-in, which must have one.

    Examples
    --------
    >>> with_time(times.moment("2026-11-16T08:05:00Z"))
    datetime.datetime(2026, 11, 16, 8, 5)
    """
    if at.at is None:
        raise Unfit("the date has no time of day")
    return at.at


def row_key(
    sign_in_id: str, at: dt.datetime, account_key: str, ip: str, result: str, *apart: object
) -> str:
    """Return what a sign-in is known by again: its id, or what it tells.

    Examples
    --------
    >>> row_key(" B1", times.moment("2026-11-16T08:05:00Z").at, "a@contoso.com", "", "failure")
    'id:b1'
    """
    if own := sign_in_id.strip().lower():
        return f"id:{own}"
    at_known = at.replace(microsecond=0) if apart else at
    return key_of_columns(at_known, account_key, ip, result, *apart).replace("row:", "same:")
