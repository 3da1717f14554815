"""Mail addresses: one as a person writes it, made ready for a header and for a server."""

from __future__ import annotations

import re
from collections.abc import Sequence
from email import policy
from email.headerregistry import Address
from typing import Any, Final

import idna

from smtpauth_kit.base.errors import UsageError
from smtpauth_kit.words.inert import HIDDEN

_LOCAL: Final = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*", re.ASCII)
_HIDDEN: Final = re.compile(f"[{HIDDEN}]")


def parse_address(text: str) -> Address:
    """Return one mail address, with or without a name, ready for a header and for a server.

    The domain becomes its ASCII form. Whatever could become a second address or header is refused.

    Examples
    --------
    >>> str(parse_address("Zoë <zoe@bücher.example>"))
    'Zoë <zoe@xn--bcher-kva.example>'
    >>> parse_address("a@contoso.com, b@contoso.com")
    Traceback (most recent call last):
    ...
    smtpauth_kit.base.errors.UsageError: 'a@contoso.com, b@contoso.com' is not one mail address. ...
    """
    wrong = UsageError(
        "{address} is not one mail address. Write it as jane@contoso.com or "
        '"Jane Doe <jane@contoso.com>"; repeat --to for more.',
        address=repr(text),
    )
    if len(text) > 500 or _HIDDEN.search(text):
        raise wrong
    try:
        header: Any = policy.SMTP.header_factory("To", text)
    except Exception:  # Python's parser has no one way to fail on what is malformed.
        raise wrong from None
    if header.defects or len(header.groups) != 1 or len(header.addresses) != 1:
        raise wrong
    (found,) = header.addresses
    # A name may have come in code, with anything inside.
    if header.groups[0].display_name is not None or _HIDDEN.search(found.display_name):
        raise wrong
    domain = _ascii_domain(found.domain)
    if not domain or not _LOCAL.fullmatch(found.username) or len(found.username) > 64:
        raise wrong
    if len(found.username) + 1 + len(domain) > 254:
        raise wrong
    return Address(found.display_name, found.username, domain)


def _ascii_domain(domain: str) -> str:
    try:
        return idna.encode(domain, uts46=True, std3_rules=True).decode()
    except (idna.IDNAError, UnicodeError):
        return ""


def recipients(to: str | Sequence[str]) -> list[Address]:
    """Return whom a mail goes to, each address once.

    Raises
    ------
    UsageError
        There is none, or one is no address.
    """
    given = [to] if isinstance(to, str) else to
    people = {person.addr_spec.lower(): person for person in map(parse_address, given)}
    if not people:
        raise UsageError("Nobody to send to: name at least one address with --to.")
    return list(people.values())
