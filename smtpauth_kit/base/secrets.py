"""Secrets: out of the environment or the keyring at the moment of use, and kept nowhere else.

No setting, no `repr` and no error holds one, and nothing writes one into a log.
"""

from __future__ import annotations

import base64
import html
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

from smtpauth_kit.base.errors import KitError

SERVICE: Final = "smtpauth_kit"
"""What secrets are filed under in the keyring."""

_LOOKED_AT: Final = 2000
"""Characters of a foreign text that are looked at and given back: more than an error ever shows."""

_PART: Final = 12
"""Characters of a longer secret in a row that are enough to take a text for it."""

_ESCAPED: Final = re.compile(
    r"(?:\\u|&#x0{0,4})([0-9a-f]{4})|(?:\\x|%|=|&#x0{0,6})([0-9a-f]{2})|&#([0-9]{1,7})", re.I
)
"""A character as JSON, an address, quoted-printable or HTML writes it."""


class NoKeyring(KitError):
    """There is no keyring; the text is why, for the sentence of whoever needed it."""


def find_secret(variable: str, account: str) -> str | None:
    """Return a secret from an environment variable, else the keyring; None: neither has it."""
    if found := os.environ.get(variable):
        return found
    with suppress(NoKeyring):
        return from_keyring(account)
    return None


def from_keyring(account: str) -> str | None:
    """Return what the keyring holds for an account, if anything.

    Raises
    ------
    NoKeyring
        There is none.
    """
    with _keyring() as keyring:
        found: str | None = keyring.get_password(SERVICE, account)
        return found


def to_keyring(account: str, value: str) -> None:
    """Put a value into the keyring.

    Raises
    ------
    NoKeyring
        There is none, or it takes no such value.
    """
    with _keyring() as keyring:
        keyring.set_password(SERVICE, account, value)


@contextmanager
def _keyring() -> Iterator[Any]:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        raise NoKeyring("the package keyring is not installed") from None
    try:
        yield keyring
    except KeyringError:
        # Nothing of the error is said: nobody knows what a keyring writes into its own.
        raise NoKeyring("this machine has no keyring that answers") from None


# --- what others say -----------------------------------------------------------------------


def masked(text: str, secrets: Sequence[str]) -> str:
    """Return the beginning of a foreign text with *** where it repeats a secret.

    Where a secret is in it backwards, spaced, in part or in code (JSON, addresses, HTML, hex,
    base64, one in another), what may be shown beside it is not clear: *** stands for all of it.

    >>> masked("no: hunter2", ["hunter2"]), masked("no: 2 r e t n u h", ["hunter2"])
    ('no: ***', '***')
    """
    for each in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(each, "***")
    text = text[:_LOOKED_AT]
    views = {deeper for view in _views(text) for deeper in _views(view)} if secrets else set()
    return "***" if any(_tells(views, each) for each in filter(None, secrets)) else text


def _tells(views: set[str], secret: str) -> bool:
    """Tell whether a secret, or a long part of it, is in a view, forwards or backwards."""
    bare = _bare(secret)
    if len(bare) < 4:  # Only punctuation, or so short that its letters are in every text.
        return any(each in view for view in views for each in (secret, secret[::-1]))
    size = min(len(bare), _PART)
    parts = {each[at : at + size] for each in (bare, bare[::-1]) for at in range(len(bare))}
    parts = {part for part in parts if len(part) == size}
    return any(
        text[at : at + size] in parts
        for text in map(_bare, views)
        for at in range(len(text) - size + 1)
    )


def _views(text: str) -> set[str]:
    """Return what a text may say: as it is, backwards, and out of each code."""
    escaped = _ESCAPED.sub(_sign, text)
    plain = {text, escaped, _from_html(text), _from_html(escaped)}
    read = {said for each in plain for said in (*_from_base64(each), *_from_hex(each))}
    return {text[::-1], *plain, *read}


def _bare(text: str) -> str:
    """Return a text's plain letters and digits: others differ in how they are encoded."""
    return "".join(char for char in text.lower() if char.isascii() and char.isalnum())


def _sign(match: re.Match[str]) -> str:
    four, two, decimal = match.groups()
    return chr(min(int(decimal) if decimal else int(four or two, 16), 0x10FFFF))


def _from_html(text: str) -> str:
    with suppress(ValueError):  # A number of thousands of digits.
        return html.unescape(text)
    return text


def _from_base64(text: str) -> Iterator[str]:
    signs = re.sub(r"[^A-Za-z0-9+/]", "", text.translate({ord("-"): "+", ord("_"): "/"}))
    for start in range(4):
        part = signs[start:]
        yield base64.b64decode(part + "A" * (-len(part) % 4)).decode("latin-1")


def _from_hex(text: str) -> Iterator[str]:
    signs = re.sub("[^0-9a-f]", "", text.lower().replace("0x", ""))
    for start in range(2):
        part = signs[start:]
        yield bytes.fromhex(part[: len(part) // 2 * 2]).decode("latin-1")
