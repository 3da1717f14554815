"""Secrets: out of the environment or the keyring at the moment of use, and kept nowhere else.

No setting, no `repr` and no error holds one, and nothing writes one into a log.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from smtpauth_kit.errors import KitError

SERVICE: Final = "smtpauth_kit"
"""What secrets are filed under in the keyring."""


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
