"""A sign-in, as every log tells it: when, which account, and the key it is known again by."""

from __future__ import annotations

from smtpauth_kit.base.facts import SignIn
from smtpauth_kit.formats.submission_log import key_of_columns
from smtpauth_kit.values import addresses
from smtpauth_kit.values.addresses import Address
from smtpauth_kit.values.cells import Unfit
from smtpauth_kit.values.times import Moment


def account_in(text: str) -> Address:
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
    at: Moment,
    account: Address,
    result: str,
    ip: str,
    *,
    sign_in_id: str = "",
    **told: str,
) -> SignIn:
    """Return a sign-in; `told` are the columns that only some logs have.

    Without an id its key is made of its columns, and it counts as often as it stands in a file.

    Examples
    --------
    >>> from smtpauth_kit.values.times import moment
    >>> at, who = moment("2026-11-16T08:05:00Z"), account_in("scanner@contoso.com")
    >>> sign_in(7, at, who, "failure", "192.0.2.25", sign_in_id="B1 ", city="Lagos").row_key
    'id:b1'
    """
    if at.at is None:
        raise Unfit("the date has no time of day")
    address, own = addresses.client_ip(ip), sign_in_id.strip().lower()
    columns = (at.at, account.key, address, result)
    return SignIn(
        line=line,
        signed_in_at=at.at,
        account=account.shown,
        account_key=account.key,
        result=result,
        row_key=f"id:{own}" if own else key_of_columns(*columns).replace("row:", "same:"),
        client_ip=address,
        **told,
    )
