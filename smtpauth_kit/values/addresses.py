"""Who sent and from where: sender addresses, accounts, domains, client IP addresses."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from typing import Final, NamedTuple

import idna

from smtpauth_kit.values.cells import Unfit, remembered

MAX_ADDRESS: Final = 320
"""Characters of an address."""
IN_BRACKETS_OR_WITH_PORT: Final = re.compile(r"\[([^\]]+)\](?::\d+)?|(\d+\.\d+\.\d+\.\d+):\d+")
"""How servers write an IP address in brackets, or with a port behind it."""


class Address(NamedTuple):
    """An address as it came, as it is compared, and its domain in IDNA form."""

    shown: str
    key: str
    domain: str


@remembered(100_000)
def sender_address(text: str) -> Address:
    """Return the address in `text`.

    Examples
    --------
    >>> sender_address(" Scanner@CONTOSO.com ")
    Address(shown='Scanner@CONTOSO.com', key='scanner@contoso.com', domain='contoso.com')
    >>> sender_address("info@bücher.example").domain
    'xn--bcher-kva.example'
    """
    address = account(text)
    if not address.shown:
        raise Unfit("the sender address is empty")
    if not address.domain or address.key.startswith("@"):
        raise Unfit("the sender address has no name before or no domain after an @")
    return address


@remembered(100_000)
def account(text: str) -> Address:
    """Return who authenticated; unlike a sender address it needs no @ and may be empty."""
    shown = text.strip()
    if len(shown) > 4 * MAX_ADDRESS:
        # Before it is normalised: that takes long where many accents stand on one letter.
        raise Unfit("the address is longer than {n} characters", n=MAX_ADDRESS)
    shown = unicodedata.normalize("NFC", shown)
    if shown.startswith("<") and shown.endswith(">"):
        shown = shown[1:-1]
    if any(unicodedata.category(char) == "Cc" for char in shown):
        raise Unfit("the address holds control characters")
    if len(shown) > MAX_ADDRESS:
        raise Unfit("the address is longer than {n} characters", n=MAX_ADDRESS)
    name, at, domain = shown.rpartition("@")
    if not at:
        return Address(shown, unicodedata.normalize("NFC", shown.casefold()), "")
    host = domain_key(domain)
    return Address(shown, unicodedata.normalize("NFC", name.lower()) + "@" + host, host)


@remembered(100_000)
def domain_key(domain: str) -> str:
    """Return the form domains are compared in: lower case, IDNA; look-alikes stay different.

    Examples
    --------
    >>> domain_key("BÜCHER.example"), domain_key("xn--bcher-kva.Example")
    ('xn--bcher-kva.example', 'xn--bcher-kva.example')
    """
    lower = unicodedata.normalize("NFC", domain.strip().lower()).rstrip(".")
    if lower.isascii():
        return lower
    try:
        return idna.encode(lower, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return lower


@remembered(100_000)
def client_ip(text: str) -> str:
    """Return an IP address in its usual form; what is none stays the text it is.

    Examples
    --------
    >>> client_ip("[2001:DB8::0025]:587"), client_ip("::ffff:192.0.2.25"), client_ip("unknown")
    ('2001:db8::25', '192.0.2.25', 'unknown')
    """
    bare = text.strip()
    if match := IN_BRACKETS_OR_WITH_PORT.fullmatch(bare):
        bare = match[1] or match[2]
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return bare
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)
